#include "recorder/runtimes/node/node_callers.h"

#include "recorder/lib/str.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/v8/v8_frames.h"

enum { BUDGET = 20 * 1000 * 1000, LAUNCHES = BUDGET / 2 }; /* ns */

static _Atomic uint64_t spent;

static void find_within(uint64_t budget, struct callers *ret)
{
	uint64_t before;

	ret->length = 0;
	ret->count = 0;
	if (atomic_load(&spent) >= budget)
		return;
	before = now();
	v8_callers(v8_current(), ret);
	atomic_fetch_add(&spent, now() - before);
}

void node_find_callers(struct callers *ret)
{
	find_within(BUDGET, ret);
}

void node_map_place(struct source_pos *place)
{
	v8_map_source_pos(v8_current(), true, place);
}

void node_map_place_of_hit(struct source_pos *place)
{
	v8_map_source_pos(v8_current(), false, place);
}

void node_note_launch_callers(void)
{
	find_within(LAUNCHES, source_pos_callers());
}

void node_note_change_callers(int which, const char *name)
{
	uint64_t tag = source_pos_hash(source_pos_current());

	tag = hash_bytes(tag + (uint64_t)which, name, str_length(name));
	if (count_event(tag, 1) == 1)
		find_within(BUDGET, source_pos_callers());
}
