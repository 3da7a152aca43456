/* spawn COUNT PROGRAM [ARGUMENT...]: prints how many nanoseconds one spawn of
 * the program takes, from call to end, and how many page faults it has. */
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

static void spawn(char **command)
{
	int status;
	pid_t pid;

	if (posix_spawn(&pid, command[0], NULL, NULL, command, environ) ||
	    waitpid(pid, &status, 0) != pid || status)
		exit(1);
}

int main(int argc, char **argv)
{
	int count = argc > 2 ? atoi(argv[1]) : 0;
	struct rusage used;
	double begun = now();

	if (count < 1)
		return 2;
	for (int i = 0; i < count; i++)
		spawn(argv + 2);
	printf("%.0f ", (now() - begun) / count);
	getrusage(RUSAGE_CHILDREN, &used);
	printf("%.1f\n", (double)used.ru_minflt / count);
	return 0;
}
