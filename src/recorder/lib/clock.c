#include "recorder/lib/clock.h"

#include <stdatomic.h>
#include <time.h>

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/syscall.h"

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
static _Atomic uint64_t latest; /* result of the last coarse_now() */

void clock_coarsen(void)
{
	atomic_store(&latest, read_clock(CLOCK_MONOTONIC));
	is_coarse = true;
}

bool clock_is_coarse(void)
{
	return is_coarse;
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
