#include "recorder/runtimes/sampling.h"

#include <stdatomic.h>

#include "recorder/recorder.h"
#include "recorder/lib/syscall.h"
#include "recorder/lib/str.h"

enum { SETS = 128, WAYS = 4 }; /* a set fills one cache line */

struct sampled_read {
	_Atomic uint64_t tag;
	_Atomic uint32_t count;
};

/* Side by side, for in a busy program neither is in a cache. */
static struct {
	struct sampled_read *places;
	uint64_t seed;
} all;

/* Not shared with a forked child, which counts for itself. */
bool sampling_start(void)
{
	size_t size = SETS * WAYS * sizeof *all.places;

	all.places = sys_memory(size);
	if (!all.places)
		return false;
	SYS(madvise, all.places, size, MADV_WIPEONFORK);
	all.seed = globals->seed;
	return true;
}

/* The entry of `tag`, or the entry of the same set with the fewest repetitions.
 */
static struct sampled_read *place_of(uint64_t tag)
{
	struct sampled_read *set = &all.places[(tag ^ tag >> 32) % SETS * WAYS];
	struct sampled_read *least = set;

	for (struct sampled_read *h = set; h < set + WAYS; h++) {
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

HOT bool sampling_is_due(uint64_t act, const char *name, size_t length,
			 const char *value)
{
	uint64_t tag = hash_bytes(act, name, length);
	struct sampled_read *h;
	uint32_t count;

	if (value)
		tag ^= secret_tag(secret_of(value), all.seed);
	h = place_of(tag);
	count = 1 + atomic_load_explicit(&h->count, memory_order_relaxed);
	atomic_store_explicit(&h->count, count, memory_order_relaxed);
	return count <= SAMPLING_ALWAYS || count % SAMPLING_SAMPLE == 0;
}
