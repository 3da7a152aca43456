#include "base/array.h"

void *array_grow(struct arena *a, const void *old, size_t *room, size_t size,
		 size_t align)
{
	size_t more = *room ? 2 * *room : 16;
	void *at = arena_take(a, more, size, align);

	if (*room)
		memcpy(at, old, *room * size);
	*room = more;
	return at;
}

void *array_copy(struct arena *a, const void *at, size_t n, size_t size,
		 size_t align)
{
	void *copy = arena_take(a, n, size, align);

	if (n)
		memcpy(copy, at, n * size);
	return copy;
}
