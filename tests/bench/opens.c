/* For each number that it reads, opens that often an ordinary path, and asks
 * that often for its state, and prints how many nanoseconds each takes. The
 * functions of libc do nothing (opens_instant.c): a system call would take a
 * thousand times as long as what is measured. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "stopwatch.h"

#define PATH "/usr/lib/x86_64-linux-gnu/python3/encodings.so"

enum { STRETCHES = 25 };

static double per_open(long count)
{
	double begun = now();

	for (long i = 0; i < count; i++)
		if (open(PATH, O_RDONLY) < 0)
			exit(1);
	return (now() - begun) / count;
}

static double per_stat(long count)
{
	struct stat st;
	double begun = now();

	for (long i = 0; i < count; i++)
		if (stat(PATH, &st))
			exit(1);
	return (now() - begun) / count;
}

static double median(double (*per)(long), long count)
{
	double took[STRETCHES];

	for (int i = 0; i < STRETCHES; i++)
		took[i] = per(count / STRETCHES + 1);
	return share_of(took, STRETCHES, 0.5);
}

int main(void)
{
	long count;

	while (scanf("%ld", &count) == 1) {
		printf("%.2f ", median(per_open, count));
		printf("%.2f\n", median(per_stat, count));
		fflush(stdout);
	}
	return 0;
}
