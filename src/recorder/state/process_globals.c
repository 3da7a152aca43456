#include "recorder/state/process_globals.h"

#include "recorder/lib/syscall.h"

struct process_globals *globals;
__thread struct thread thread;

uint32_t vfork_child(void)
{
	uint32_t pid = (uint32_t)SYS(getpid);

	return pid == (uint32_t)globals->life.pid ? 0 : pid;
}

uint64_t count_event(uint64_t tag, uint64_t always)
{
	return dedup_count_if_due(&globals->life.dedup, tag, always);
}

bool is_main_thread(void)
{
	return thread.number == 1 &&
	       thread.born == atomic_load_explicit(&globals->life.born,
						   memory_order_relaxed);
}
