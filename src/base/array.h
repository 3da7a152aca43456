/* Growing arrays in the arena.
 *
 *	struct strs { struct str *at; size_t n; } s;
 *	size_t room;
 *
 *	*ARRAY_ADD(arena, s.at, s.n, room) = name;
 *
 * All three start as zero. Growing copies the elements, so a pointer to an
 * element is valid until the next ARRAY_ADD. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include "base/arena.h"

/* Counts one more element in `n` and returns a pointer to the new element.
 * `room` is the number of elements for which `at` has space. Each argument but
 * the arena is evaluated more than once. */
#define ARRAY_ADD(arena, at, n, room)                                          \
	((n) == (room) ? (void)((at) = array_grow(                             \
					arena, (at), &(room), sizeof *(at),    \
					_Alignof(__typeof__(*(at)))))          \
		       : (void)0,                                              \
	 &(at)[(n)++])

/* A copy of the `n` elements at `at`, without space for more. `at` is evaluated
 * more than once. */
#define ARRAY_COPY(arena, at, n)                                               \
	((__typeof__(at))array_copy((arena), (at), (n), sizeof *(at),          \
				    _Alignof(__typeof__(*(at)))))
void *array_copy(struct arena *, const void *at, size_t n, size_t size,
		 size_t align);

/* A copy of the `*room` elements at `old`, with space for twice as many (at
 * least 16). `*room` becomes the new number. */
void *array_grow(struct arena *, const void *old, size_t *room, size_t size,
		 size_t align);

#endif
