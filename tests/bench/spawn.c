/* spawn COUNT PROGRAM [ARGUMENT...]: prints how many nanoseconds one spawn of
 * the program takes, from call to end (the median), and how many page faults
 * it has (the mean). */
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

int main(int argc, char **argv)
{
	int count = argc > 2 ? atoi(argv[1]) : 0;
	struct rusage used;
	double *took;

	if (count < 1 || !(took = calloc(count, sizeof *took)))
		return 2;
	for (int i = 0; i < count; i++)
		took[i] = spawn(argv + 2);
	qsort(took, count, sizeof *took, smaller);
	getrusage(RUSAGE_CHILDREN, &used);
	printf("%.0f %.1f\n", took[count / 2], (double)used.ru_minflt / count);
	return 0;
}
