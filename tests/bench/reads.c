/* Prints how many nanoseconds a getenv of an ordinary name takes, and one of a
 * watched name that was read before. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static double per_read(const char *name, long count)
{
	double begun = now();

	for (long i = 0; i < count; i++)
		if (!getenv(name))
			exit(1);
	return (now() - begun) / count;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 100000;

	per_read("ORDINARY", count / 10);
	per_read("OPENAI_API_KEY", count / 10);
	printf("%.2f ", per_read("ORDINARY", count));
	printf("%.2f\n", per_read("OPENAI_API_KEY", count));
	return 0;
}
