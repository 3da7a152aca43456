#include "symbols/symbol_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/bounded.h"
#include "base/out.h"
#include "symbols/elfutils.h"

/* Longer silence, or work, ends it: the tables of a large program take some
 * seconds. What it says is a line for each scope,
 *
 *	PLACE LINE FUNCTION-BYTES FILE-BYTES FUNCTION FILE
 *
 * and `PLACE .` when it is done with a place. */
enum {
	SILENCE_MS = 20000,
	WORK_SECONDS = 60,
	MOST_ANSWER = 256 << 20,
	MOST_DEATHS = 3
};

/* All that is asked, and where the next child begins. */
struct inquiry {
	struct arena *arena;
	struct place *const *places;
	size_t n, next;
};

/* --- the child ---------------------------------------------------------- */

static void say_scopes(struct out *o, size_t place, const struct scope *s)
{
	for (; s; s = s->outer) {
		out_print(o, "%zu %llu %zu %zu ", place,
			  (unsigned long long)s->line, s->function.len,
			  s->file.len);
		out_str(o, s->function);
		out_str(o, STR(" "));
		out_str(o, s->file);
		out_str(o, STR("\n"));
	}
	out_print(o, "%zu .\n", place);
	out_end(o);
}

static void answer(const struct inquiry *q, int fd)
{
	struct out o = out_to(q->arena, fd);
	const struct object *object = NULL;
	struct elf *elf = NULL;

	for (size_t i = q->next; i < q->n; i++) {
		const struct place *p = q->places[i];

		if (p->object != object) {
			elf_close(elf);
			elf = elf_open(q->arena, object = p->object);
		}
		say_scopes(&o, i, elf ? elf_scopes(elf, p->offset) : NULL);
	}
}

static void be_the_child(const struct inquiry *q, int fd)
{
	int nowhere = open("/dev/null", O_RDWR);

	for (int stream = 0; nowhere >= 0 && stream <= 2; stream++)
		dup2(nowhere, stream); /* its trouble is not the user's */
	alarm(WORK_SECONDS);
	bound_process((uint64_t)16 << 30);
	answer(q, fd);
	_exit(0);
}

/* --- the parent --------------------------------------------------------- */

/* All that the child says until it ends or is silent for too long. */
static struct str hear(struct arena *arena, int fd)
{
	struct pollfd poll_fd = {fd, POLLIN, 0};
	size_t room = 1 << 16, len = 0;
	char *text = TAKE(arena, char, room);
	ssize_t got = 1;
	int ready = 1;

	while (got > 0 && ready && len < MOST_ANSWER) {
		if (len == room)
			text = array_grow(arena, text, &room, 1, 1);
		ready = poll(&poll_fd, 1, SILENCE_MS);
		if (ready == 1)
			got = read(fd, text + len, room - len);
		else if (ready < 0 && errno != EINTR)
			break;
		len += ready == 1 && got > 0 ? (size_t)got : 0;
	}
	return (struct str){text, len};
}

static bool take_number(struct str *text, uint64_t *ret)
{
	size_t i = 0;
	uint64_t n = 0;

	while (i < text->len && i < 19 && text->at[i] >= '0' &&
	       text->at[i] <= '9')
		n = n * 10 + (uint64_t)(text->at[i++] - '0');
	if (!i || i == text->len || text->at[i] != ' ')
		return false;
	*text = (struct str){text->at + i + 1, text->len - i - 1};
	*ret = n;
	return true;
}

static bool take_text(struct str *text, uint64_t n, struct str *ret)
{
	if (text->len <= n)
		return false;
	*ret = (struct str){text->at, n};
	*text = (struct str){text->at + n + 1, text->len - n - 1};
	return true;
}

static bool take_scope(const struct inquiry *q, struct str *text,
		       uint64_t place)
{
	struct scope *s = TAKE(q->arena, struct scope, 1), **end;
	uint64_t function, file;

	if (place >= q->n || !take_number(text, &s->line) ||
	    !take_number(text, &function) || !take_number(text, &file) ||
	    !take_text(text, function, &s->function) ||
	    !take_text(text, file, &s->file))
		return false;
	for (end = &q->places[place]->scopes; *end; end = &(*end)->outer)
		;
	*end = s;
	return true;
}

/* What the child said is doubted like any text. */
static void take_answers(struct inquiry *q, struct str text)
{
	uint64_t place;

	while (take_number(&text, &place)) {
		if (text.len >= 2 && !memcmp(text.at, ".\n", 2)) {
			text = (struct str){text.at + 2, text.len - 2};
			if (place >= q->next && place < q->n)
				q->next = place + 1;
		} else if (!take_scope(q, &text, place)) {
			break;
		}
	}
}

static bool start(const struct inquiry *q, int *ret_fd, pid_t *ret_pid)
{
	int ends[2];

	if (pipe(ends))
		return false;
	*ret_pid = fork();
	if (!*ret_pid) {
		close(ends[0]);
		be_the_child(q, ends[1]);
	}
	close(ends[1]);
	*ret_fd = ends[0];
	if (*ret_pid < 0)
		close(ends[0]);
	return *ret_pid > 0;
}

/* The child died of this object, or got lost in it. */
static void pass_over_object(struct inquiry *q)
{
	const struct object *object = q->places[q->next]->object;

	while (q->next < q->n && q->places[q->next]->object == object)
		q->next++;
}

void helper_ask(struct arena *arena, struct place *const *places, size_t n)
{
	struct inquiry q = {arena, places, n, 0};
	pid_t pid;
	int fd;

	for (int deaths = 0; q.next < n && deaths < MOST_DEATHS; deaths++) {
		struct str text;

		if (!start(&q, &fd, &pid))
			return;
		text = hear(arena, fd);
		close(fd);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		take_answers(&q, text);
		if (q.next < n)
			pass_over_object(&q);
	}
}
