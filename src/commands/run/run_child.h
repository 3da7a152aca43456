/* The command as a child: started as if nobody stood between, waited for, and
 * given every signal sent to us. */
#ifndef COMMANDS_RUN_CHILD_H
#define COMMANDS_RUN_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "commands/run/run_group_signal.h"
#include "commands/run/run_grow.h"

struct child {
	pid_t pid;
	int status;		 /* wait's, valid after child_wait */
	volatile int exec_error; /* errno when the command could not be
				  * started, or 0 */

	/* NULL, or the words of a program that becomes the command: run in its
	 * place, with this environment, as long as that is possible. */
	char **launcher, **launcher_envp;

	struct group_probe probe;
	sigset_t mask; /* inherited by us; the command gets the mask back */
	struct sigaction on_child, on_full_file;

	/* Called with each signal that is received while the command runs,
	 * before it is passed on; NULL: no such call. */
	void (*on_signal)(void *context, const siginfo_t *);
	void *context;
};

/* Ignores SIGXFSZ: a file at its limit is an error, not our end. */
void child_prepare(struct child *);

/* After child_prepare. False, with errno, when the fork failed. The signals of
 * the calling process are blocked from here until child_release. */
bool child_start(struct child *, char **argv, char **envp);

/* Returns when the command has ended. Until then `grower`, which may be NULL,
 * makes room. */
void child_wait(struct child *, struct grower *grower);

/* Signals received since child_start are forgotten. */
void child_release(struct child *);

/* After child_prepare: becomes the command. Returns, with errno, when the
 * command cannot be started. */
void child_replace_us(const struct child *, char **argv, char **envp);

#endif
