/* Asks for watched names, 24 calls deep, that nobody asked for before, and then
 * for one of them again and again; prints how many nanoseconds each takes, as
 * the median of the new ones and of stretches of the others. */
#include <stdio.h>
#include <stdlib.h>

#include "stopwatch.h"

enum { NAMES = 200, STRETCH = 2000, DEPTH = 24 };

static double times(const char *name, int count)
{
	double begun = now();

	for (int i = 0; i < count; i++)
		if (getenv(name))
			exit(1);
	return (now() - begun) / count;
}

static __attribute__((noinline)) double deep(const char *name, int count,
					     int depth)
{
	double took = depth ? deep(name, count, depth - 1) : times(name, count);

	__asm__ volatile("");
	return took;
}

int main(void)
{
	static double anew[NAMES], again[NAMES];
	char name[40];

	for (int i = 0; i < NAMES; i++) {
		sprintf(name, "NUMBER_%d_API_KEY", i);
		anew[i] = deep(name, 1, DEPTH);
		deep(name, 1, DEPTH);
		again[i] = deep(name, STRETCH, DEPTH);
	}
	printf("%.1f %.2f\n", share_of(anew, NAMES, 0.5),
	       share_of(again, NAMES, 0.5));
	return 0;
}
