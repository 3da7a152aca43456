/* One command has one arena: leaving the command frees all memory.
 *
 * TAKE returns zeroed memory, or ends the command with one sentence: the caller
 * never checks and never frees. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include "base/str.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *);
void *arena_take(struct arena *, size_t count, size_t size, size_t align);

#define TAKE(arena, type, count)                                               \
	((type *)arena_take(arena, count, sizeof(type), _Alignof(type)))

/* Formatted text. Lives as long as the arena. */
struct str arena_print(struct arena *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
struct str arena_vprint(struct arena *, const char *format, va_list)
	__attribute__((format(printf, 2, 0)));

/* `text` with `with` in place of each `mark`. A mark in `with` is text. */
struct str arena_replace(struct arena *, struct str text, const char *mark,
			 struct str with);

#endif
