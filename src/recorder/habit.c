#include "recorder/habit.h"

#include <stdatomic.h>

#include "recorder/recorder.h"
#include "recorder/sys.h"
#include "recorder/text.h"

enum { SETS = 128, WAYS = 4 }; /* a set is one line of a cache */

struct habit {
	_Atomic uint64_t tag;
	_Atomic uint32_t count;
};

/* Side by side: a busy program has neither in a cache. */
static struct {
	struct habit *places;
	uint64_t seed;
} all;

/* A fork's child has habits of its own. */
bool habit_start(void)
{
	size_t size = SETS * WAYS * sizeof *all.places;

	all.places = sys_memory(size);
	if (!all.places)
		return false;
	SYS(madvise, all.places, size, MADV_WIPEONFORK);
	all.seed = guest->seed;
	return true;
}

/* Its place, or that of the one in its set that was met least. */
static struct habit *place_of(uint64_t tag)
{
	struct habit *set = &all.places[(tag ^ tag >> 32) % SETS * WAYS];
	struct habit *least = set;

	for (struct habit *h = set; h < set + WAYS; h++) {
		if (atomic_load_explicit(&h->tag, memory_order_relaxed) == tag)
			return h;
		if (atomic_load_explicit(&h->count, memory_order_relaxed) <
		    atomic_load_explicit(&least->count, memory_order_relaxed))
			least = h;
	}
	atomic_store_explicit(&least->tag, tag, memory_order_relaxed);
	atomic_store_explicit(&least->count, 0, memory_order_relaxed);
	return least;
}

HOT bool habit_is_due(uint64_t act, const char *name, size_t length,
		      const char *value)
{
	uint64_t tag = text_mix(act, name, length);
	struct habit *h;
	uint32_t count;

	if (value)
		tag ^= secret_tag(secret_of(value), all.seed);
	h = place_of(tag);
	count = 1 + atomic_load_explicit(&h->count, memory_order_relaxed);
	atomic_store_explicit(&h->count, count, memory_order_relaxed);
	return count <= HABIT_ALWAYS || count % HABIT_SAMPLE == 0;
}
