#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)1 << 20)

struct chunk {
	struct chunk *older;
	size_t used, room;
	char bytes[] __attribute__((aligned(16)));
};

struct arena {
	struct chunk *newest;
};

static void *out_of_memory(void)
{
	fputs("keytrail: out of memory: the trace is too large for this "
	      "machine, try a part of it\n",
	      stderr);
	exit(2);
}

struct arena *arena_new(void)
{
	struct arena *a = calloc(1, sizeof *a);

	return a ? a : out_of_memory();
}

void arena_free(struct arena *a)
{
	struct chunk *c = a->newest;

	while (c) {
		struct chunk *older = c->older;

		free(c);
		c = older;
	}
	free(a);
}

/* Large chunks come from calloc as untouched zero pages: memory which is taken
 * and never written costs nothing. */
static struct chunk *chunk_new(size_t room)
{
	struct chunk *c;

	if (room > SIZE_MAX - sizeof *c)
		return out_of_memory();
	c = calloc(1, sizeof *c + room);
	if (!c)
		return out_of_memory();
	c->room = room;
	return c;
}

/* A large piece gets a chunk for itself, behind the chunk being filled. */
static void *take_alone(struct arena *a, size_t bytes)
{
	struct chunk *c = chunk_new(bytes);

	if (a->newest) {
		c->older = a->newest->older;
		a->newest->older = c;
	} else {
		a->newest = c;
	}
	c->used = bytes;
	return c->bytes;
}

void *arena_take(struct arena *a, size_t count, size_t size, size_t align)
{
	struct chunk *c = a->newest;
	size_t bytes, start;

	if (__builtin_mul_overflow(count, size, &bytes))
		return out_of_memory();
	if (bytes > CHUNK / 4)
		return take_alone(a, bytes);
	start = c ? (c->used + align - 1) & -align : 0;
	if (!c || start > c->room || bytes > c->room - start) {
		c = chunk_new(CHUNK);
		c->older = a->newest;
		a->newest = c;
		start = 0;
	}
	c->used = start + bytes;
	return c->bytes + start;
}

struct str arena_vprint(struct arena *a, const char *format, va_list args)
{
	va_list again;
	struct str s = STR("");
	char *at;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	if (len > 0) {
		at = TAKE(a, char, (size_t)len + 1);
		vsnprintf(at, (size_t)len + 1, format, again);
		s = (struct str){at, (size_t)len};
	}
	va_end(again);
	return s;
}

struct str arena_print(struct arena *a, const char *format, ...)
{
	va_list args;
	struct str s;

	va_start(args, format);
	s = arena_vprint(a, format, args);
	va_end(args);
	return s;
}

struct str arena_replace(struct arena *a, struct str text, const char *mark,
			 struct str with)
{
	struct str done = STR("");
	const char *at;

	while ((at = memmem(text.at, text.len, mark, strlen(mark)))) {
		size_t before = (size_t)(at - text.at);
		size_t after = before + strlen(mark);

		done = arena_print(a, "%.*s%.*s%.*s", STR_FMT(done),
				   (int)before, text.at, STR_FMT(with));
		text = (struct str){text.at + after, text.len - after};
	}
	return arena_print(a, "%.*s%.*s", STR_FMT(done), STR_FMT(text));
}
