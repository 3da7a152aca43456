#include "recorder/seen.h"

#include <stddef.h>

enum { PROBES = 8, WAYS = 8, AGEING = 16 };

/* Of an event in `later`: its count, and whether it was met again since the
 * search for an aged one last came by. Such an event is passed over once more. */
enum { MET_AGAIN = 1, ONCE = 2 };

static uint64_t load(_Atomic uint64_t *of)
{
	return atomic_load_explicit(of, memory_order_relaxed);
}

bool seen_is_told(uint64_t count, uint64_t always)
{
	return count <= always || !(count & (count - 1));
}

/* ---- later events -------------------------------------------------------- */

static struct seen_place *set_of(struct seen *seen, uint64_t tag)
{
	uint64_t hash = (tag | 1) * UINT64_C(0x9e3779b97f4a7c15);

	return &seen->later[(hash >> 32) % (SEEN_LATER / WAYS) * WAYS];
}

static struct seen_place *find_later(struct seen *seen, uint64_t tag)
{
	struct seen_place *set = set_of(seen, tag);

	for (struct seen_place *p = set; p < set + WAYS; p++)
		if (load(&p->tag) == (tag | 1))
			return p;
	return NULL;
}

static uint64_t meet_later(struct seen_place *p)
{
	uint64_t before = atomic_fetch_add_explicit(&p->count, ONCE,
						    memory_order_relaxed);

	if (!(before & MET_AGAIN))
		atomic_fetch_or_explicit(&p->count, MET_AGAIN,
					 memory_order_relaxed);
	return before / ONCE + 1;
}

static struct seen_place *find_count(struct seen_place *set, uint32_t from,
				     uint64_t count)
{
	for (uint32_t i = 0; i < WAYS; i++) {
		struct seen_place *p = &set[(from + i) % WAYS];

		if (load(&p->count) == count)
			return p;
	}
	return NULL;
}

/* The place of an event which was not met again for a whole round. */
static struct seen_place *find_aged(struct seen_place *set, uint32_t from)
{
	struct seen_place *p = set;

	for (uint32_t i = 0; i < WAYS; i++) {
		p = &set[(from + i) % WAYS];
		if (!(atomic_fetch_and(&p->count, ~(uint64_t)MET_AGAIN) &
		      MET_AGAIN))
			break;
	}
	return p;
}

/* A free place, or that of an event which was met but once; now and then that of
 * one which was met often, but long ago. The search begins elsewhere each time,
 * so that no place is always the first. */
static struct seen_place *make_place(struct seen *seen, uint64_t tag)
{
	struct seen_place *set = set_of(seen, tag), *p;
	uint32_t from = atomic_fetch_add_explicit(&seen->turn, 1,
						  memory_order_relaxed);

	p = find_count(set, 0, 0);
	if (!p && from % AGEING)
		p = find_count(set, from, ONCE);
	return p ? p : find_aged(set, from / AGEING);
}

static __attribute__((noinline)) uint64_t add_later(struct seen *seen, uint64_t tag)
{
	struct seen_place *p = find_later(seen, tag);

	if (p)
		return meet_later(p);
	p = make_place(seen, tag);
	atomic_store_explicit(&p->count, ONCE, memory_order_relaxed);
	atomic_store_explicit(&p->tag, tag | 1, memory_order_relaxed);
	return 1;
}

/* ---- both ---------------------------------------------------------------- */

static inline uint64_t add(struct seen *seen, uint64_t tag)
{
	size_t at = (size_t)(tag ^ tag >> 32);

	for (size_t i = 0; i < PROBES; i++, at++) {
		struct seen_place *p = &seen->place[at % SEEN_PLACES];
		uint64_t there = load(&p->tag);

		if (!there &&
		    atomic_compare_exchange_strong(&p->tag, &there, tag | 1))
			there = tag | 1;
		if (there == (tag | 1))
			return 1 + atomic_fetch_add_explicit(
					   &p->count, 1, memory_order_relaxed);
	}
	return add_later(seen, tag);
}

uint64_t seen_add(struct seen *seen, uint64_t tag)
{
	return add(seen, tag);
}

static struct seen_place *find_early(struct seen *seen, uint64_t tag)
{
	size_t at = (size_t)(tag ^ tag >> 32);

	for (size_t i = 0; i < PROBES; i++, at++)
		if (load(&seen->place[at % SEEN_PLACES].tag) == (tag | 1))
			return &seen->place[at % SEEN_PLACES];
	return NULL;
}

uint64_t seen_count(struct seen *seen, uint64_t tag)
{
	struct seen_place *p = find_early(seen, tag);

	if (p)
		return load(&p->count);
	p = find_later(seen, tag);
	return p ? load(&p->count) / ONCE : 0;
}

uint64_t seen_again(struct seen *seen, uint64_t tag, uint64_t always)
{
	uint64_t count = add(seen, tag);

	return seen_is_told(count, always) ? count : 0;
}
