/* The recorder cuts a line at 1900 bytes: `more` events have the rest of the
 * lists. */
#include "trace/trace.h"

#include "base/array.h"
#include "base/hashmap.h"

/* The `more` events for one event, oldest first. */
struct continuation {
	const struct event **at;
	size_t n, room;
};

/* The key shared by a `more` event and the event which it continues. */
static struct str join_key(struct arena *a, const struct event *e,
			   struct str kind)
{
	return arena_print(a, "%.*s %llu %.*s", STR_FMT(e->image),
			   (unsigned long long)e->t, STR_FMT(kind));
}

static struct hashmap *collect_continuations(struct arena *a,
					     const struct trace *t)
{
	struct hashmap *map = NULL;

	for (size_t i = 0; i < t->n; i++) {
		const struct event *e = &t->events[i];
		struct continuation **r;

		if (e->kind != KT_MORE)
			continue;
		map = map ? map : hashmap_new(a);
		r = (struct continuation **)hashmap_slot(map, NULL,
							 join_key(a, e, e->of));
		*r = *r ? *r : TAKE(a, struct continuation, 1);
		*ARRAY_ADD(a, (*r)->at, (*r)->n, (*r)->room) = e;
	}
	return map;
}

static const struct values *list_of(const struct event *e, size_t member)
{
	return (const struct values *)((const char *)e + member);
}

static void fold_list(struct arena *a, struct event *e,
		      const struct continuation *r, size_t member)
{
	struct values *v = (struct values *)((char *)e + member), all = {0};
	size_t n = v->n;

	for (size_t i = 0; i < r->n; i++)
		n += list_of(r->at[i], member)->n;
	if (n == v->n)
		return;
	all.at = TAKE(a, struct named_value, n);
	if (v->n)
		memcpy(all.at, v->at, v->n * sizeof *v->at);
	all.n = v->n;
	for (size_t i = 0; i < r->n; i++) {
		const struct values *more = list_of(r->at[i], member);

		if (more->n)
			memcpy(all.at + all.n, more->at,
			       more->n * sizeof *more->at);
		all.n += more->n;
	}
	*v = all;
}

static void join_continuations(struct arena *a, struct trace *t)
{
	static const struct str names[] = {
#define EVENT(id, name) STR(name),
		KT_EVENTS(EVENT)
#undef EVENT
			STR("")};
	struct hashmap *map = collect_continuations(a, t);

	for (size_t i = 0; map && i < t->n; i++) {
		struct event *e = &t->events[i];
		struct continuation *r;

		if (e->kind == KT_READ || e->kind == KT_MORE)
			continue;
		r = hashmap_find(map, NULL, join_key(a, e, names[e->kind]));
		if (!r)
			continue;
		fold_list(a, e, r, offsetof(struct event, env));
		fold_list(a, e, r, offsetof(struct event, lost));
		fold_list(a, e, r, offsetof(struct event, had));
		fold_list(a, e, r, offsetof(struct event, again));
		r->n = 0; /* a second event with this key has other `more`
			     events */
	}
}

static void drop_folded(struct trace *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->n; i++) {
		enum kt_event kind = t->events[i].kind;

		if (kind == KT_MORE || kind == KT_MODULE ||
		    kind == KT_EVENT_COUNT)
			continue;
		if (kept != i)
			t->events[kept] = t->events[i];
		kept++;
	}
	t->n = kept;
}

void trace_sort_and_fold(struct arena *a, struct trace *t)
{
	trace_sort(a, t);
	join_continuations(a, t);
	drop_folded(t);
	trace_resolve_places(a, t);
}

struct trace trace_folded_copy(struct arena *a, const struct trace *t)
{
	struct trace copy = *t;

	copy.events = TAKE(a, struct event, t->n + 1);
	if (t->n)
		memcpy(copy.events, t->events, t->n * sizeof *t->events);
	copy.room = t->n + 1;
	trace_sort_and_fold(a, &copy);
	return copy;
}
