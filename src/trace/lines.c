#include "trace/lines.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 256 << 10 };

struct reader {
	struct arena *arena;
	struct allowance *may;
	struct lines *lines;
	uint64_t too_long;
	bool is_spent, skips; /* skips the rest of a line of excessive length */
};

/* Reserved space without a line holds newlines, or NUL in a hole. */
static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || !c;
}

static struct str trimmed(struct str s)
{
	while (s.len && is_space(*s.at))
		s.at++, s.len--;
	while (s.len && is_space(s.at[s.len - 1]))
		s.len--;
	return s;
}

static void keep(struct reader *r, struct str text)
{
	struct lines *l = r->lines;

	if (l->n == l->room) {
		struct str *old = l->at;

		l->room = l->room ? 2 * l->room : 1024;
		l->at = TAKE(r->arena, struct str, l->room);
		if (l->n)
			memcpy(l->at, old, l->n * sizeof *old);
	}
	l->at[l->n++] = text;
}

/* A whole line; its memory will be used again. */
static void take_line(struct reader *r, struct str line)
{
	char *copy;

	line = trimmed(line);
	if (!line.len)
		return;
	if (line.len > r->may->longest) {
		r->too_long++;
		return;
	}
	if (!r->may->lines || line.len > r->may->text) {
		r->is_spent = true;
		return;
	}
	r->may->lines--;
	r->may->text -= line.len;
	copy = TAKE(r->arena, char, line.len);
	memcpy(copy, line.at, line.len);
	keep(r, (struct str){copy, line.len});
}

static void begin_line(struct reader *r, struct str part)
{
	struct lines *l = r->lines;

	if (!l->n_begun)
		while (part.len && is_space(*part.at))
			part.at++, part.len--;
	if (!part.len || r->skips)
		return;
	if (part.len > r->may->longest - l->n_begun) {
		r->too_long++;
		l->n_begun = 0;
		r->skips = true;
		return;
	}
	if (part.len > l->room_begun - l->n_begun) {
		char *old = l->begun;

		l->room_begun = 2 * (l->n_begun + part.len);
		l->begun = TAKE(r->arena, char, l->room_begun);
		if (l->n_begun)
			memcpy(l->begun, old, l->n_begun);
	}
	memcpy(l->begun + l->n_begun, part.at, part.len);
	l->n_begun += part.len;
}

static void end_line(struct reader *r)
{
	if (r->lines->n_begun)
		take_line(r, (struct str){r->lines->begun, r->lines->n_begun});
	r->lines->n_begun = 0;
	r->skips = false;
}

static void take_piece(struct reader *r, const char *at, size_t n)
{
	const char *end = at + n, *stop;

	while (at < end && !r->is_spent) {
		stop = memchr(at, '\n', (size_t)(end - at));
		if (!stop) {
			begin_line(r, (struct str){at, (size_t)(end - at)});
			return;
		}
		if (r->lines->n_begun || r->skips) {
			begin_line(r, (struct str){at, (size_t)(stop - at)});
			end_line(r);
		} else {
			take_line(r, (struct str){at, (size_t)(stop - at)});
		}
		at = stop + 1;
	}
}

/* Returns the number of bytes read; 0 at the end, -1 on failure. */
static ssize_t read_piece(struct reader *r, int fd, uint64_t most)
{
	size_t n = most < PIECE ? (size_t)most : PIECE;
	ssize_t got;

	if (r->may->bytes < n)
		n = (size_t)r->may->bytes;
	if (!n) {
		r->is_spent = true;
		return 0;
	}
	do
		got = read(fd, r->lines->piece, n);
	while (got < 0 && errno == EINTR);
	if (got > 0) {
		r->may->bytes -= (uint64_t)got;
		r->lines->is_open = !is_space(r->lines->piece[got - 1]);
		take_piece(r, r->lines->piece, (size_t)got);
	}
	return got;
}

static bool read_stream(struct reader *r, int fd)
{
	ssize_t got;

	while ((got = read_piece(r, fd, PIECE)) > 0)
		;
	return got == 0;
}

/* Where data begins at or after `at`, and ends; a file system without that
 * knowledge calls the whole file data. False: nothing but a hole follows. */
static bool find_data(int fd, off_t size, off_t *at, off_t *ret_end)
{
	off_t data = lseek(fd, *at, SEEK_DATA);

	if (data < 0 && errno == ENXIO)
		return false;
	*at = data > *at ? data : *at;
	*ret_end = lseek(fd, *at, SEEK_HOLE);
	if (*ret_end <= *at || *ret_end > size)
		*ret_end = size;
	return *at < size;
}

/* Reads to the present size only: a live trace grows. A file may shrink too,
 * hence read and not mmap. */
static bool read_regular(struct reader *r, int fd, off_t size)
{
	off_t at = lseek(fd, 0, SEEK_CUR), end, before = at;

	while (at < size && !r->is_spent && find_data(fd, size, &at, &end)) {
		if (at > before)
			end_line(r); /* a hole lies between */
		if (lseek(fd, at, SEEK_SET) < 0)
			return false;
		while (at < end && !r->is_spent) {
			ssize_t got = read_piece(r, fd, (uint64_t)(end - at));

			if (got <= 0)
				return got == 0;
			at += got;
		}
		before = at;
	}
	return true;
}

enum lines_end lines_read(struct arena *a, int fd, struct allowance *may,
			  struct lines *ret, uint64_t *ret_long)
{
	struct reader r = {.arena = a, .may = may, .lines = ret};
	struct stat st;
	bool ok;

	if (fstat(fd, &st))
		return LINES_FAILED;
	ret->piece = ret->piece ? ret->piece : TAKE(a, char, PIECE);
	ret->n_begun = 0;
	ret->is_open = false;
	ok = S_ISREG(st.st_mode) && st.st_size > 0
		     ? read_regular(&r, fd, st.st_size)
		     : read_stream(&r, fd);
	if (!r.is_spent)
		end_line(&r);
	*ret_long += r.too_long;
	return !ok ? LINES_FAILED : r.is_spent ? LINES_TOO_MANY : LINES_ALL;
}
