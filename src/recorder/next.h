/* The real function behind each hook, found in the loader's own lists: a
 * lookup of ours takes no lock and no memory, a failing dlsym does both. */
#ifndef RECORDER_NEXT_H
#define RECORDER_NEXT_H

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

struct next {
#define HOOK(function) __typeof__(function) *function;
#include "recorder/hooks.def"
#undef HOOK
};
extern struct next next;

/* Fills `next` once; harmless to call again, or before our constructor. */
void next_find(void);

/* NEXT(execve)(path, ...): NULL only when this libc has no such function. */
#define NEXT(function) (next.function ? next.function : (next_find(), next.function))

#endif
