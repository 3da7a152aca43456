#include "trace/trace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/decode.h"

static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* --- bytes -------------------------------------------------------------- */

/* A live trace grows while it is read: what stood in it when it was opened is
 * enough. It may shrink too, hence read and not mmap. */
static bool read_file(struct arena *a, int fd, size_t size, struct str *ret)
{
	char *at = TAKE(a, char, size + 1);
	size_t len = 0;
	ssize_t got = 1;

	while (len < size && got) {
		got = read(fd, at + len, size - len);
		if (got < 0 && errno != EINTR)
			return false;
		len += got > 0 ? (size_t)got : 0;
	}
	*ret = (struct str){at, len};
	return true;
}

static bool read_stream(struct arena *a, int fd, struct str *ret)
{
	size_t room = 1 << 16, len = 0;
	char *at = TAKE(a, char, room);
	ssize_t got = 1;

	while (got) {
		if (len == room) {
			char *bigger = TAKE(a, char, room *= 2);

			at = memcpy(bigger, at, len);
		}
		got = read(fd, at + len, room - len);
		if (got < 0 && errno != EINTR)
			return false;
		len += got > 0 ? (size_t)got : 0;
	}
	*ret = (struct str){at, len};
	return true;
}

static bool read_fd(struct arena *a, int fd, struct str *ret)
{
	struct stat st;

	if (fstat(fd, &st))
		return false;
	if (S_ISREG(st.st_mode) && st.st_size > 0)
		return read_file(a, fd, (size_t)st.st_size, ret);
	return read_stream(a, fd, ret);
}

/* A file of a trace directory: regular, for a pipe would make us wait. */
static bool read_name(struct arena *a, int dir, const char *name,
		      struct str *ret)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	bool ok;

	if (fd < 0)
		return false;
	ok = !fstat(fd, &st) && S_ISREG(st.st_mode) && read_fd(a, fd, ret);
	close(fd);
	return ok;
}

/* --- lines -------------------------------------------------------------- */

/* Reserved space that was never written is newlines, or NUL in a hole. */
static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || !c;
}

/* Cuts the next line that is not blank off *text. */
static bool next_line(struct str *text, struct str *ret)
{
	const char *at = text->at, *end = at + text->len, *stop;

	while (at < end && is_space(*at))
		at++;
	if (at == end)
		return false;
	stop = memchr(at, '\n', (size_t)(end - at));
	stop = stop ? stop : end;
	*text = (struct str){stop, (size_t)(end - stop)};
	while (is_space(stop[-1]))
		stop--;
	*ret = (struct str){at, (size_t)(stop - at)};
	return true;
}

static bool may_be_event(struct str line)
{
	return line.len >= sizeof "{\"e\":\"x\"}" - 1 && line.at[0] == '{' &&
	       line.at[line.len - 1] == '}';
}

static size_t count_events(struct str text)
{
	struct str line;
	size_t n = 0;

	while (next_line(&text, &line))
		n += may_be_event(line);
	return n;
}

/* --- sources ------------------------------------------------------------ */

/* What one trace_load has seen. Writers count what they lose twice: in the
 * counters they share, and each in its own `lost` events; the larger counts. */
struct source {
	struct arena *arena;
	struct trace *trace;
	struct decoder *decoder;
	uint64_t lost_counted, lost_told;
};

static void make_room(struct source *s, size_t more)
{
	struct trace *t = s->trace;
	struct event *old = t->events;

	t->events = TAKE(s->arena, struct event, t->n + more);
	if (t->n)
		memcpy(t->events, old, t->n * sizeof *old);
}

/* The host may have scribbled on the counter: then it is 0. */
static uint64_t counter_of(struct str digits)
{
	uint64_t word, counter = 0;

	if (digits.len != sizeof word)
		return 0;
	memcpy(&word, digits.at, sizeof word);
	kt_counter_of(word, &counter);
	return counter;
}

static void note_event(struct source *s, struct event *e)
{
	if (e->kind == KT_FOLD && e->n_digits.len)
		e->n = counter_of(e->n_digits);
	if (e->kind == KT_LOST)
		s->lost_told = add(s->lost_told, e->n);
	if (e->kind == KT_SEGMENT)
		s->lost_counted = add(s->lost_counted,
				      counter_of(e->lost_digits));
	if (e->kind != KT_PACK)
		return;
	s->lost_counted = add(s->lost_counted, e->n_lost);
	s->trace->broken = add(s->trace->broken, e->n_broken);
}

static void add_lines(struct source *s, struct str text)
{
	struct trace *t = s->trace;
	struct str line;

	while (next_line(&text, &line)) {
		struct event *e = &t->events[t->n];

		if (!may_be_event(line) || !decode(s->decoder, line, e)) {
			t->broken = add(t->broken, 1);
			continue;
		}
		note_event(s, e);
		t->n += e->kind != KT_PACK && e->kind != KT_SEGMENT;
	}
}

static void end_source(struct source *s)
{
	uint64_t lost =
		s->lost_counted > s->lost_told ? s->lost_counted : s->lost_told;

	s->trace->lost = add(s->trace->lost, lost);
}

/* --- a directory -------------------------------------------------------- */

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && !strcmp(name + n - m, end);
}

static int is_ours(const struct dirent *d)
{
	return ends_with(d->d_name, ".jsonl");
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

struct dir {
	int fd;
	struct dirent **names;
	int n_names;
	struct str *texts; /* of the .jsonl files */
	size_t n_texts;
};

/* Another user's file may be closed to us: what it holds is lost to us. */
static void read_files(struct source *s, struct dir *d)
{
	struct str bytes;

	d->texts = TAKE(s->arena, struct str, (size_t)d->n_names);
	for (int i = 0; i < d->n_names; i++) {
		const char *name = d->names[i]->d_name;

		if (!read_name(s->arena, d->fd, name, &bytes)) {
			s->trace->unreadable++;
			s->lost_counted = add(s->lost_counted, 1);
		} else {
			d->texts[d->n_texts++] = bytes;
		}
	}
}

static bool load_files(struct source *s, struct dir *d, const char **ret_why)
{
	size_t n = 0;

	read_files(s, d);
	if (!d->n_texts) {
		*ret_why = s->trace->unreadable ? "its files may not be read"
						: "no trace is in it";
		return false;
	}
	for (size_t i = 0; i < d->n_texts; i++)
		n += count_events(d->texts[i]);
	make_room(s, n + 1);
	for (size_t i = 0; i < d->n_texts; i++)
		add_lines(s, d->texts[i]);
	end_source(s);
	return true;
}

static bool load_dir(struct source *s, int fd, const char **ret_why)
{
	struct dir d = {.fd = fd};
	bool ok;

	d.n_names = scandirat(fd, ".", &d.names, is_ours, by_bytes);
	if (d.n_names < 0) {
		*ret_why = strerror(errno);
		return false;
	}
	ok = load_files(s, &d, ret_why);
	for (int i = 0; i < d.n_names; i++)
		free(d.names[i]);
	free(d.names);
	return ok;
}

/* --- a file ------------------------------------------------------------- */

static bool load_text(struct source *s, struct str text, const char **ret_why)
{
	size_t before = s->trace->n;

	make_room(s, count_events(text) + 1);
	add_lines(s, text);
	end_source(s);
	if (s->trace->n > before)
		return true;
	*ret_why = "no event is in it";
	return false;
}

static bool load_fd(struct source *s, int fd, const char **ret_why)
{
	struct str text;
	struct stat st;

	if (!fstat(fd, &st) && S_ISDIR(st.st_mode))
		return load_dir(s, fd, ret_why);
	if (!read_fd(s->arena, fd, &text)) {
		*ret_why = strerror(errno);
		return false;
	}
	return load_text(s, text, ret_why);
}

bool trace_load(struct arena *a, struct trace *t, const char *path,
		const char **ret_why)
{
	struct source s = {a, t, decoder_new(a), 0, 0};
	bool ok;
	int fd;

	if (!strcmp(path, "-"))
		return load_fd(&s, STDIN_FILENO, ret_why);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		*ret_why = strerror(errno);
		return false;
	}
	ok = load_fd(&s, fd, ret_why);
	close(fd);
	return ok;
}
