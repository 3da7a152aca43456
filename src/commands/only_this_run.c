#include "commands/only_this_run.h"

#include "base/hashmap.h"

static size_t began(const struct trace *t, uint64_t pid)
{
	for (size_t i = t->n; i > 0; i--)
		if (t->events[i - 1].kind == KT_RUN &&
		    t->events[i - 1].pid == pid)
			return i - 1;
	return 0;
}

bool keep_only_this_run(struct arena *arena, struct trace *t, uint64_t pid)
{
	struct hashmap *earlier = hashmap_new(arena);
	size_t first = began(t, pid), n = 0, all = t->n;

	for (size_t i = 0; i < first; i++)
		if (t->events[i].kind == KT_BIRTH)
			*hashmap_slot(earlier, NULL, t->events[i].image) = t;
	for (size_t i = first; i < all; i++)
		if (!hashmap_find(earlier, NULL, t->events[i].image))
			t->events[n++] = t->events[i];
	t->n = n;
	return n < all;
}
