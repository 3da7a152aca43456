/* What the programs of the bench measure with. */
#ifndef BENCH_STOPWATCH_H
#define BENCH_STOPWATCH_H

#include <stdlib.h>
#include <time.h>

static double now(void) /* nanoseconds */
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int smaller(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of numbers[0..n), which are in order afterwards: below which that share is. */
static double share_of(double *numbers, size_t n, double share)
{
	qsort(numbers, n, sizeof *numbers, smaller);
	return numbers[(size_t)(share * (double)(n - 1))];
}

#endif
