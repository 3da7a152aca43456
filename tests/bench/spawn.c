/* spawn PROGRAM [ARGUMENT...]: for each number that it reads, spawns the program
 * that often, and prints how many nanoseconds one spawn takes, from call to end
 * (the median), and how many page faults it has (the mean). */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "stopwatch.h"
extern char **environ;

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
	printf("%.0f %.1f\n", share_of(took, count, 0.5),
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
