#include "recorder/state/dedup.h"

#include <stddef.h>

enum { PROBES = 8, WAYS = 8, AGEING = 16 };

/* `count` of an event in `later`: the number of times met, and a bit for "met
 * again since the last search for an aged event". The search spares an event
 * with the bit once, and clears the bit. */
enum { MET_AGAIN = 1, ONCE = 2 };

static uint64_t load(_Atomic uint64_t *of)
{
	return atomic_load_explicit(of, memory_order_relaxed);
}

bool dedup_is_told(uint64_t count, uint64_t always)
{
	return count <= always || !(count & (count - 1));
}

/* ---- later events -------------------------------------------------------- */

static struct dedup_place *set_of(struct dedup *dedup, uint64_t tag)
{
	uint64_t hash = (tag | 1) * UINT64_C(0x9e3779b97f4a7c15);

	return &dedup->later[(hash >> 32) % (DEDUP_LATER / WAYS) * WAYS];
}

static struct dedup_place *find_later(struct dedup *dedup, uint64_t tag)
{
	struct dedup_place *set = set_of(dedup, tag);

	for (struct dedup_place *p = set; p < set + WAYS; p++)
		if (load(&p->tag) == (tag | 1))
			return p;
	return NULL;
}

static uint64_t meet_later(struct dedup_place *p)
{
	uint64_t before = atomic_fetch_add_explicit(&p->count, ONCE,
						    memory_order_relaxed);

	if (!(before & MET_AGAIN))
		atomic_fetch_or_explicit(&p->count, MET_AGAIN,
					 memory_order_relaxed);
	return before / ONCE + 1;
}

static struct dedup_place *find_count(struct dedup_place *set, uint32_t from,
				      uint64_t count)
{
	for (uint32_t i = 0; i < WAYS; i++) {
		struct dedup_place *p = &set[(from + i) % WAYS];

		if (load(&p->count) == count)
			return p;
	}
	return NULL;
}

/* The place of an event which was not met again for a whole round. */
static struct dedup_place *find_aged(struct dedup_place *set, uint32_t from)
{
	struct dedup_place *p = set;

	for (uint32_t i = 0; i < WAYS; i++) {
		p = &set[(from + i) % WAYS];
		if (!(atomic_fetch_and(&p->count, ~(uint64_t)MET_AGAIN) &
		      MET_AGAIN))
			break;
	}
	return p;
}

/* Finds a free place, or the place of an event met only once. One in AGEING
 * times: the place of an event met often, but long ago. Each search begins at
 * another place, so that no place is always the first. */
static struct dedup_place *make_place(struct dedup *dedup, uint64_t tag)
{
	struct dedup_place *set = set_of(dedup, tag), *p;
	uint32_t from = atomic_fetch_add_explicit(&dedup->turn, 1,
						  memory_order_relaxed);

	p = find_count(set, 0, 0);
	if (!p && from % AGEING)
		p = find_count(set, from, ONCE);
	return p ? p : find_aged(set, from / AGEING);
}

static __attribute__((noinline)) uint64_t add_later(struct dedup *dedup,
						    uint64_t tag)
{
	struct dedup_place *p = find_later(dedup, tag);

	if (p)
		return meet_later(p);
	p = make_place(dedup, tag);
	atomic_store_explicit(&p->count, ONCE, memory_order_relaxed);
	atomic_store_explicit(&p->tag, tag | 1, memory_order_relaxed);
	return 1;
}

/* ---- both ---------------------------------------------------------------- */

static inline uint64_t add(struct dedup *dedup, uint64_t tag)
{
	size_t at = (size_t)(tag ^ tag >> 32);

	for (size_t i = 0; i < PROBES; i++, at++) {
		struct dedup_place *p = &dedup->place[at % DEDUP_PLACES];
		uint64_t there = load(&p->tag);

		if (!there &&
		    atomic_compare_exchange_strong(&p->tag, &there, tag | 1))
			there = tag | 1;
		if (there == (tag | 1))
			return 1 + atomic_fetch_add_explicit(
					   &p->count, 1, memory_order_relaxed);
	}
	return add_later(dedup, tag);
}

uint64_t dedup_add(struct dedup *dedup, uint64_t tag)
{
	return add(dedup, tag);
}

static struct dedup_place *find_early(struct dedup *dedup, uint64_t tag)
{
	size_t at = (size_t)(tag ^ tag >> 32);

	for (size_t i = 0; i < PROBES; i++, at++)
		if (load(&dedup->place[at % DEDUP_PLACES].tag) == (tag | 1))
			return &dedup->place[at % DEDUP_PLACES];
	return NULL;
}

uint64_t dedup_count(struct dedup *dedup, uint64_t tag)
{
	struct dedup_place *p = find_early(dedup, tag);

	if (p)
		return load(&p->count);
	p = find_later(dedup, tag);
	return p ? load(&p->count) / ONCE : 0;
}

uint64_t dedup_count_if_due(struct dedup *dedup, uint64_t tag, uint64_t always)
{
	uint64_t count = add(dedup, tag);

	return dedup_is_told(count, always) ? count : 0;
}
