#include "recorder/process/reentry.h"

#include "recorder/process/image.h"
#include "recorder/state/process_globals.h"
#include "recorder/trace/segment.h"

static void number_thread(void)
{
	uint64_t born =
		atomic_load_explicit(&globals->life.born, memory_order_relaxed);

	if (thread.born == born)
		return;
	thread.born = born;
	thread.number = 1 + atomic_fetch_add(&globals->life.threads, 1);
}

bool recorder_enter_unborn(void)
{
	if (!globals)
		return false;
	if (thread.inside) {
		segment_count_skipped();
		return false;
	}
	thread.inside = true;
	atomic_signal_fence(memory_order_seq_cst);
	return true;
}

void recorder_leave(void)
{
	atomic_signal_fence(memory_order_seq_cst);
	thread.inside = false;
}

bool recorder_enter(void)
{
	if (!recorder_enter_unborn())
		return false;
	if (!atomic_load_explicit(&globals->life.born, memory_order_acquire) &&
	    !image_cloned()) {
		recorder_leave();
		return false;
	}
	number_thread();
	return true;
}
