/* Are we already inside ourselves? And the clock, which must not need the
 * kernel: a read is recorded without a system call. */
#include <time.h>

#include "recorder/process/image.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/recorder.h"
#include "recorder/trace/segment.h"
#include "recorder/lib/syscall.h"

extern int *__errno_location(void) __attribute__((weak, const));

struct process_globals *globals;
__thread struct thread thread;

static int (*vdso_clock)(clockid_t, struct timespec *);

void clock_start(void)
{
	vdso_clock = (int (*)(clockid_t, struct timespec *))elf_in_vdso(
		"__vdso_clock_gettime");
}

static uint64_t read_clock(clockid_t clock)
{
	struct timespec ts = {0};

	if (!vdso_clock || vdso_clock(clock, &ts))
		SYS(clock_gettime, clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static bool is_coarse;
static _Atomic uint64_t latest; /* while coarse: later events are later */

void clock_coarsen(void)
{
	atomic_store(&latest, read_clock(CLOCK_MONOTONIC));
	is_coarse = true;
}

static uint64_t coarse_now(void)
{
	uint64_t t = read_clock(CLOCK_MONOTONIC_COARSE);
	uint64_t last = atomic_load(&latest);

	do
		if (t <= last)
			t = last + 1;
	while (!atomic_compare_exchange_weak(&latest, &last, t));
	return t;
}

uint64_t now(void)
{
	return is_coarse ? coarse_now() : read_clock(CLOCK_MONOTONIC);
}

uint64_t wall_ms(void)
{
	return read_clock(is_coarse ? CLOCK_REALTIME_COARSE : CLOCK_REALTIME) /
	       1000000;
}

uint64_t boot_second(void)
{
	return (read_clock(CLOCK_REALTIME) - read_clock(CLOCK_BOOTTIME)) /
	       1000000000;
}

int host_errno(void)
{
	return __errno_location ? *__errno_location() : 0;
}

void host_set_errno(int error)
{
	if (__errno_location)
		*__errno_location() = error;
}

uint64_t count_event(uint64_t tag, uint64_t always)
{
	return dedup_count_if_due(&globals->life.dedup, tag, always);
}

static void number_thread(void)
{
	uint64_t born =
		atomic_load_explicit(&globals->life.born, memory_order_relaxed);

	if (thread.born == born)
		return;
	thread.born = born;
	thread.number = 1 + atomic_fetch_add(&globals->life.threads, 1);
}

bool is_main_thread(void)
{
	return thread.number == 1 &&
	       thread.born == atomic_load_explicit(&globals->life.born,
						   memory_order_relaxed);
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
