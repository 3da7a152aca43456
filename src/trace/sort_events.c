#include "trace/trace.h"

#include <stdlib.h>

#include "base/compare.h"
#include "base/hashmap.h"
#include "trace/believe.h"

/* --- boots ---------------------------------------------------------------- */

/* Each boot has its own clock. The epoch of a boot is the wall clock's reading
 * at zero of the boot's clock: epochs order the boots. */
struct boot {
	struct str id;
	int64_t epoch; /* ms */
	uint32_t rank;
	unsigned owner; /* of the first birth in this boot */
};

struct boots {
	struct boot **at; /* by epoch */
	size_t n;
	struct hashmap *of_image;
};

static int64_t epoch_of(const struct event *e)
{
	return (int64_t)(e->wall & INT64_MAX) - (int64_t)(e->t / 1000000);
}

static int by_epoch(const void *a, const void *b)
{
	const struct boot *x = *(struct boot *const *)a;
	const struct boot *y = *(struct boot *const *)b;

	COMPARE(x->epoch, y->epoch);
	return ORDER(x->rank, y->rank);
}

static struct boot *new_boot(struct arena *a, const struct event *birth,
			     size_t rank)
{
	struct boot *b = TAKE(a, struct boot, 1);

	b->id = birth->boot;
	b->epoch = epoch_of(birth);
	b->owner = birth->owner;
	b->rank = (uint32_t)rank;
	return b;
}

static size_t count_births(const struct trace *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->events[i].kind == KT_BIRTH;
	return n;
}

static void add_boot(struct arena *a, struct boots *boots,
		     struct hashmap *by_id, const struct event *birth)
{
	struct boot **b =
		(struct boot **)hashmap_slot(by_id, NULL, birth->boot);

	if (!*b) {
		*b = new_boot(a, birth, boots->n);
		boots->at[boots->n++] = *b;
	}
	*hashmap_slot(boots->of_image, NULL, birth->image) = *b;
}

static void add_boots(struct arena *a, const struct trace *t,
		      struct boots *boots, struct hashmap *by_id, bool trusted)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct event *e = &t->events[i];

		if (e->kind == KT_BIRTH && e->boot.len && !e->owner == trusted)
			add_boot(a, boots, by_id, e);
	}
}

/* Trusted users come first: no stranger says when another user's boot began. */
static struct boots find_boots(struct arena *a, const struct trace *t)
{
	struct boots boots = {.of_image = hashmap_new(a)};
	struct hashmap *by_id = hashmap_new(a);

	boots.at = TAKE(a, struct boot *, count_births(t) + 1);
	add_boots(a, t, &boots, by_id, true);
	add_boots(a, t, &boots, by_id, false);
	qsort(boots.at, boots.n, sizeof *boots.at, by_epoch);
	for (size_t i = 0; i < boots.n; i++)
		boots.at[i]->rank = (uint32_t)i;
	return boots;
}

static uint32_t nearest_boot(const struct boots *boots, const struct event *run)
{
	uint64_t best = UINT64_MAX;
	uint32_t rank = 0;

	for (size_t i = 0; i < boots->n; i++) {
		int64_t a = boots->at[i]->epoch, b = epoch_of(run);
		uint64_t off = a > b ? (uint64_t)a - (uint64_t)b
				     : (uint64_t)b - (uint64_t)a;

		if (boots->at[i]->owner && boots->at[i]->owner != run->owner)
			continue;
		if (off < best) {
			best = off;
			rank = boots->at[i]->rank;
		}
	}
	return rank;
}

/* --- order ---------------------------------------------------------------- */

struct key {
	uint64_t t;
	uint32_t boot, index; /* place: as loaded, makes the order stable */
};

static int by_time(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	COMPARE(x->boot, y->boot);
	COMPARE(x->t, y->t);
	return ORDER(x->index, y->index);
}

/* The lines of `run` name no image: `run` has a wall clock, the others follow
 * `run`. */
static void rank_by_boot(struct arena *a, const struct trace *t,
			 struct key *keys)
{
	struct boots boots = find_boots(a, t);
	uint32_t of_run = 0;

	if (boots.n < 2)
		return;
	for (size_t i = 0; i < t->n; i++) {
		const struct event *e = &t->events[i];
		const struct boot *b =
			hashmap_find(boots.of_image, NULL, e->image);

		if (e->kind == KT_RUN)
			of_run = nearest_boot(&boots, e);
		if (event_is_of_run(e))
			keys[i].boot = of_run;
		else if (b)
			keys[i].boot = b->rank;
	}
}

/* Moves the event named by keys[i] to index i, for all i. Events are large:
 * each moves once, along the cycles of the permutation. */
static void permute(struct event *events, struct key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct event moved = events[i];
		size_t to = i, from;

		while ((from = keys[to].index) != i) {
			events[to] = events[from];
			keys[to].index = (uint32_t)to;
			to = from;
		}
		if (to == i)
			continue;
		events[to] = moved;
		keys[to].index = (uint32_t)to;
	}
}

static bool is_sorted(const struct key *keys, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (by_time(&keys[i - 1], &keys[i]) > 0)
			return false;
	return true;
}

static void collect_modules(struct arena *a, struct trace *t)
{
	struct event *modules;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->events[i].kind == KT_MODULE;
	t->modules = modules = TAKE(a, struct event, n);
	for (size_t i = t->n_modules = 0; i < t->n; i++)
		if (t->events[i].kind == KT_MODULE)
			modules[t->n_modules++] = t->events[i];
}

static void sort_events(struct arena *a, struct trace *t)
{
	struct key *keys;

	believe(a, t);
	keys = TAKE(a, struct key, t->n);

	for (size_t i = 0; i < t->n; i++)
		keys[i] = (struct key){t->events[i].t, 0, (uint32_t)i};
	rank_by_boot(a, t, keys);
	if (is_sorted(keys, t->n))
		return;
	qsort(keys, t->n, sizeof *keys, by_time);
	permute(t->events, keys, t->n);
}

void trace_sort(struct arena *a, struct trace *t)
{
	sort_events(a, t);
	collect_modules(a, t);
}
