/* For each number that it reads, asks that often for an ordinary name and for a
 * watched one that was read before, and prints how many nanoseconds a getenv of
 * each takes: the median of many stretches, so that a moment in which others
 * had the CPU does not count. */
#include <stdio.h>
#include <stdlib.h>

#include "stopwatch.h"

enum { STRETCHES = 25 };

static double per_read(const char *name, long count)
{
	double begun = now();

	for (long i = 0; i < count; i++)
		if (!getenv(name))
			exit(1);
	return (now() - begun) / count;
}

static double median(const char *name, long count)
{
	double took[STRETCHES];

	for (int i = 0; i < STRETCHES; i++)
		took[i] = per_read(name, count / STRETCHES + 1);
	return share_of(took, STRETCHES, 0.5);
}

int main(void)
{
	long count;

	while (scanf("%ld", &count) == 1) {
		printf("%.2f ", median("ORDINARY", count));
		printf("%.2f\n", median("OPENAI_API_KEY", count));
		fflush(stdout);
	}
	return 0;
}
