/* A place in the source of a program is recorded once for each image; later
 * events have its number, equal requests that of the first request, and equal
 * opens none at all. */
#include "trace/trace.h"

#include "base/hashmap.h"

static struct str place_key(struct arena *a, const struct event *e)
{
	return arena_print(a, "%.*s %llu", STR_FMT(e->image),
			   (unsigned long long)e->place);
}

static struct str request_key(struct arena *a, const struct event *e)
{
	return arena_print(a, "%.*s request %llu", STR_FMT(e->image),
			   (unsigned long long)e->number);
}

static bool names_place(const struct event *e)
{
	return e->place && e->image.len;
}

static bool names_request(const struct event *e)
{
	return e->kind == KT_REQUEST && e->number && e->image.len;
}

/* An event may repeat the site, or have the number alone. */
static void copy_place(struct event *e, const struct event *from)
{
	e->callers = from->callers;
	e->caller_columns = from->caller_columns;
	if (e->site.len)
		return;
	e->site = from->site;
	e->column = from->column;
	e->in = from->in;
}

static void resolve_place(struct hashmap *known, struct arena *a,
			  struct event *e)
{
	void **slot = hashmap_slot(known, NULL, place_key(a, e));

	if (e->site.len && (e->callers.n || !*slot))
		*slot = e;
	else if (*slot)
		copy_place(e, *slot);
}

/* Inside TLS of Node, requests of several places share a number. */
static void resolve_request(struct hashmap *known, struct arena *a,
			    struct event *e)
{
	void **slot = hashmap_slot(known, NULL, request_key(a, e));
	const struct event *first = *slot;

	if (!first)
		*slot = e;
	else if (!e->callers.n && str_eq(e->site, first->site))
		copy_place(e, first);
}

static struct str open_key(struct arena *a, const struct event *e)
{
	return arena_print(a, "%.*s %.*s %.*s %.*s", STR_FMT(e->image),
			   STR_FMT(e->fn), STR_FMT(e->site), STR_FMT(e->path));
}

/* Equal opens are told again without callers. */
static void resolve_open(struct hashmap *known, struct arena *a,
			 struct event *e)
{
	void **slot = hashmap_slot(known, NULL, open_key(a, e));
	const struct event *first = *slot;

	if (!first)
		*slot = e;
	else if (e->n > 1 && !e->callers.n)
		copy_place(e, first);
}

void trace_resolve_places(struct arena *a, struct trace *t)
{
	struct hashmap *known = hashmap_new(a);

	for (size_t i = 0; i < t->n; i++) {
		struct event *e = &t->events[i];

		if (names_place(e))
			resolve_place(known, a, e);
		if (names_request(e))
			resolve_request(known, a, e);
		if (e->kind == KT_OPEN && e->image.len)
			resolve_open(known, a, e);
	}
}
