#include "symbols/symbol_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/limited_child.h"
#include "base/out.h"
#include "symbols/elfutils.h"

/* A child with a longer silence, or more work, is killed: the tables of a large
 * program take some seconds. The child answers with a line for each scope,
 *
 *	LOCATION LINE FUNCTION-BYTES FILE-BYTES FUNCTION FILE
 *
 * and `LOCATION .` at the end of a location. */
enum {
	SILENCE_MS = 20000,
	WORK_SECONDS = 60,
	MAX_ANSWER = 256 << 20,
	MAX_DEATHS = 3
};

/* The whole question, and the location at which the next child begins. */
struct request {
	struct arena *arena;
	struct location *const *locations;
	size_t n, next;
};

/* --- the child ------------------------------------------------------------ */

static void print_scopes(struct out *o, size_t location, const struct scope *s)
{
	for (; s; s = s->outer) {
		out_print(o, "%zu %llu %zu %zu ", location,
			  (unsigned long long)s->line, s->function.len,
			  s->file.len);
		out_str(o, s->function);
		out_str(o, STR(" "));
		out_str(o, s->file);
		out_str(o, STR("\n"));
	}
	out_print(o, "%zu .\n", location);
	out_end(o);
}

static struct scope *find_scopes(struct elf *elf, const struct location *p)
{
	if (!elf)
		return NULL;
	return p->asks_for_files ? elf_go_files(elf)
				 : elf_scopes(elf, p->offset);
}

static void answer(const struct request *q, int fd)
{
	struct out o = out_to(q->arena, fd);
	const struct object *object = NULL;
	struct elf *elf = NULL;

	for (size_t i = q->next; i < q->n; i++) {
		const struct location *p = q->locations[i];

		if (p->object != object) {
			elf_close(elf);
			elf = elf_open(q->arena, object = p->object);
		}
		print_scopes(&o, i, find_scopes(elf, p));
	}
}

static void run_child(const struct request *q, int fd)
{
	int nowhere = open("/dev/null", O_RDWR);

	for (int stream = 0; nowhere >= 0 && stream <= 2; stream++)
		dup2(nowhere,
		     stream); /* messages of elfutils are not for the user */
	alarm(WORK_SECONDS);
	limit_process((uint64_t)16 << 30);
	answer(q, fd);
	_exit(0);
}

/* --- the parent ----------------------------------------------------------- */

/* The answers of the child until its end, or until a silence of SILENCE_MS. */
static struct str read_answers(struct arena *arena, int fd)
{
	struct pollfd poll_fd = {fd, POLLIN, 0};
	size_t room = 1 << 16, len = 0;
	char *text = TAKE(arena, char, room);
	ssize_t got = 1;
	int ready = 1;

	while (got > 0 && ready && len < MAX_ANSWER) {
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

static bool take_scope(const struct request *q, struct str *text,
		       uint64_t location)
{
	struct scope *s = TAKE(q->arena, struct scope, 1), **end;
	uint64_t function, file;

	if (location >= q->n || !take_number(text, &s->line) ||
	    !take_number(text, &function) || !take_number(text, &file) ||
	    !take_text(text, function, &s->function) ||
	    !take_text(text, file, &s->file))
		return false;
	for (end = &q->locations[location]->scopes; *end; end = &(*end)->outer)
		;
	*end = s;
	return true;
}

/* The child's answers are not trusted: a hostile file may have changed the
 * child. */
static void take_answers(struct request *q, struct str text)
{
	uint64_t location;

	while (take_number(&text, &location)) {
		if (text.len >= 2 && !memcmp(text.at, ".\n", 2)) {
			text = (struct str){text.at + 2, text.len - 2};
			if (location >= q->next && location < q->n)
				q->next = location + 1;
		} else if (!take_scope(q, &text, location)) {
			break;
		}
	}
}

static bool start(const struct request *q, int *ret_fd, pid_t *ret_pid)
{
	int ends[2];

	if (pipe(ends))
		return false;
	*ret_pid = fork();
	if (!*ret_pid) {
		close(ends[0]);
		run_child(q, ends[1]);
	}
	close(ends[1]);
	*ret_fd = ends[0];
	if (*ret_pid < 0)
		close(ends[0]);
	return *ret_pid > 0;
}

/* The child died of this object, or did not finish the object in time. */
static void skip_object(struct request *q)
{
	const struct object *object = q->locations[q->next]->object;

	while (q->next < q->n && q->locations[q->next]->object == object)
		q->next++;
}

void symbol_process_resolve(struct arena *arena,
			    struct location *const *locations, size_t n)
{
	struct request q = {arena, locations, n, 0};
	pid_t pid;
	int fd;

	for (int deaths = 0; q.next < n && deaths < MAX_DEATHS; deaths++) {
		struct str text;

		if (!start(&q, &fd, &pid))
			return;
		text = read_answers(arena, fd);
		close(fd);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		take_answers(&q, text);
		if (q.next < n)
			skip_object(&q);
	}
}
