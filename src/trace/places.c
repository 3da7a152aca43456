/* A place in the source of a program is recorded once for each image; later
 * events have its number. */
#include "trace/trace.h"

#include "base/hashmap.h"

static struct str place_key(struct arena *a, const struct event *e)
{
	return arena_print(a, "%.*s %llu", STR_FMT(e->image),
			   (unsigned long long)e->place);
}

static bool names_place(const struct event *e)
{
	return e->place && e->image.len;
}

/* An event may repeat the site, or have the number alone. */
static void copy_place(struct event *e, const struct event *from)
{
	if (!e->site.len) {
		e->site = from->site;
		e->column = from->column;
		e->in = from->in;
	}
	e->callers = from->callers;
	e->caller_columns = from->caller_columns;
}

void trace_resolve_places(struct arena *a, struct trace *t)
{
	struct hashmap *known = NULL;

	for (size_t i = 0; i < t->n; i++) {
		struct event *e = &t->events[i];
		void **slot;

		if (!names_place(e))
			continue;
		known = known ? known : hashmap_new(a);
		slot = hashmap_slot(known, NULL, place_key(a, e));
		if (e->site.len && (e->callers.n || !*slot))
			*slot = e;
		else if (*slot)
			copy_place(e, *slot);
	}
}
