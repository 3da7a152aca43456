/* The command as a child: started as if nobody stood between, waited for, and
 * given every signal that somebody sends us. */
#ifndef COMMANDS_RUN_CHILD_H
#define COMMANDS_RUN_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "commands/run_grow.h"

struct child {
	pid_t pid;
	int status; /* as wait gives it, once child_wait is through */
	volatile int exec_error; /* errno when the command could not be
				  * started, or 0 */

	sigset_t mask; /* what we inherited: the command gets it back */
	struct sigaction on_child, on_full_file;
};

/* From here on a file that may not grow is an error, not our end. */
void child_prepare(struct child *);

/* After child_prepare. False, with errno, when there was no fork. The calling
 * process has its signals blocked from here until child_release. */
bool child_start(struct child *, char **argv, char **envp);

/* Returns when the command has ended. Until then `grower`, which may be NULL,
 * makes room. */
void child_wait(struct child *, struct grower *grower);

/* Signals that came in between are forgotten. */
void child_release(struct child *);

/* After child_prepare: becomes the command. Comes back with errno when it
 * cannot be started. */
void child_replace_us(const struct child *, char **argv, char **envp);

#endif
