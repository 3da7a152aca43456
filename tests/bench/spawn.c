/* spawn PROGRAM [ARGUMENT...]: for each number that it reads, spawns the program
 * that often, and prints how many nanoseconds one spawn takes, from call to end
 * (the median), and how many page faults it has (the mean). */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
extern char **environ;

static double now(void)
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

static double spawn(char **command)
{
	double begun = now();
	int status;
	pid_t pid;

	if (posix_spawn(&pid, command[0], NULL, NULL, command, environ) ||
	    waitpid(pid, &status, 0) != pid || status)
		exit(1);
	return now() - begun;
}

static void answer(char **command, int count)
{
	double *took = calloc(count, sizeof *took);
	struct rusage before, after;

	if (!took)
		exit(1);
	getrusage(RUSAGE_CHILDREN, &before);
	for (int i = 0; i < count; i++)
		took[i] = spawn(command);
	getrusage(RUSAGE_CHILDREN, &after);
	qsort(took, count, sizeof *took, smaller);
	printf("%.0f %.1f\n", took[count / 2],
	       (double)(after.ru_minflt - before.ru_minflt) / count);
	fflush(stdout);
	free(took);
}

int main(int argc, char **argv)
{
	int count;

	while (argc > 1 && scanf("%d", &count) == 1 && count > 0)
		answer(argv + 1, count);
	return 0;
}
