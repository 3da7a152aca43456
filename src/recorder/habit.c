#include "recorder/habit.h"

#include <stdatomic.h>

#include "recorder/recorder.h"
#include "recorder/sys.h"
#include "recorder/text.h"

enum { HABITS = 256 };

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
	size_t size = HABITS * sizeof *all.places;

	all.places = sys_memory(size);
	if (!all.places)
		return false;
	SYS(madvise, all.places, size, MADV_WIPEONFORK);
	all.seed = guest->seed;
	return true;
}

static uint32_t times(struct habit *h, uint64_t tag)
{
	uint32_t count = 0;

	if (atomic_load_explicit(&h->tag, memory_order_relaxed) == tag)
		count = atomic_load_explicit(&h->count, memory_order_relaxed);
	else
		atomic_store_explicit(&h->tag, tag, memory_order_relaxed);
	atomic_store_explicit(&h->count, ++count, memory_order_relaxed);
	return count;
}

HOT bool habit_is_due(uint64_t act, const char *name, size_t length,
		      const char *value)
{
	uint64_t tag = text_mix(act, name, length);
	uint32_t count;

	if (value)
		tag ^= secret_tag(secret_of(value), all.seed);
	count = times(&all.places[(tag ^ tag >> 32) % HABITS], tag);
	return count <= HABIT_ALWAYS || count % HABIT_SAMPLE == 0;
}
