/* Who called that, for `keytrail run --stacks`: the only file that knows
 * libunwind, which is loaded at the start of an image, or never.
 *
 * It reads with accessors of our own, so that it neither allocates nor walks
 * the loader's lists, and reads no memory that is not there. It does lock, with
 * signals blocked, what a fork may copy locked: then the child takes no more
 * stacks. */
#ifndef RECORDER_UNWIND_H
#define RECORDER_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNWIND_FRAMES = 32 };

void unwind_start(void);
void unwind_stop(void); /* for good: the host gives up system calls */

/* Addresses within the calls that led to the one that returns to `caller`, from
 * the innermost after that. 0 where there is nothing to be had: in a vfork
 * child, on an alternate signal stack, in code without unwind tables. */
size_t unwind_callers(const void *caller, uintptr_t frames[UNWIND_FRAMES]);

#endif
