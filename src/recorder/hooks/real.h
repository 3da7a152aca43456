/* The real function behind each hook, found in the loader's own lists: a
 * lookup of ours takes no lock and no memory, a failing dlsym does both. */
#ifndef RECORDER_REAL_H
#define RECORDER_REAL_H

#include <pty.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Later than the oldest headers that we are built with. */
pid_t _Fork(void);
int execveat(int dirfd, const char *path, char *const argv[],
	     char *const envp[], int flags);

struct real {
#define HOOK(function) __typeof__(function) *function;
#include "recorder/hooks/hooks.def"
#undef HOOK
};
extern struct real real;

/* Fills `real` once; harmless to call again, or before our constructor. */
void real_find(void);

/* REAL(execve)(path, ...): NULL only when this libc has no such function. */
#define REAL(function)                                                         \
	(real.function ? real.function : (real_find(), real.function))

#endif
