/* Prints how many nanoseconds one spawn of /bin/true takes, from call to end. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
extern char **environ;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv)
{
	char *child[] = {"true", NULL};
	int count = argc > 1 ? atoi(argv[1]) : 100;
	double begun = now();
	pid_t pid;

	for (int i = 0; i < count; i++) {
		if (posix_spawn(&pid, "/bin/true", NULL, NULL, child, environ))
			return 1;
		waitpid(pid, NULL, 0);
	}
	printf("%.0f\n", (now() - begun) / count);
	return 0;
}
