#include "recorder/habit.h"

#include "recorder/recorder.h"
#include "recorder/sys.h"
#include "recorder/text.h"

enum { HABITS = 256 };

static struct habit {
	_Atomic uint64_t tag;
	_Atomic uint32_t count;
} *habits;

bool habit_start(void)
{
	habits = sys_memory(HABITS * sizeof *habits);
	return habits;
}

/* A fork's child has habits of its own. */
uint64_t habit_tag(int act, const char *name, size_t length,
		   uint64_t value_tag)
{
	uint64_t tag = atomic_load_explicit(&guest->life.born,
					    memory_order_relaxed) +
		       (uint64_t)act;

	return text_mix(tag, name, length) ^ value_tag;
}

bool habit_is_due(uint64_t tag)
{
	struct habit *h = &habits[(tag ^ tag >> 32) % HABITS];
	uint32_t count;

	if (atomic_load_explicit(&h->tag, memory_order_relaxed) != tag) {
		atomic_store_explicit(&h->count, 0, memory_order_relaxed);
		atomic_store_explicit(&h->tag, tag, memory_order_relaxed);
	}
	count = 1 + atomic_fetch_add_explicit(&h->count, 1,
					      memory_order_relaxed);
	return count <= HABIT_ALWAYS || count % HABIT_SAMPLE == 0;
}
