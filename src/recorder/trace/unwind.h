/* Stacks for `keytrail run --stacks`. Only this file knows libunwind, which is
 * loaded at the start of an image, or never.
 *
 * libunwind reads memory by accessors of the recorder: libunwind then neither
 * allocates nor walks the loader's list, and reads only mapped memory. But
 * libunwind locks, with signals blocked. A fork may copy the lock while held:
 * the child then takes no more stacks. */
#ifndef RECORDER_UNWIND_H
#define RECORDER_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNWIND_FRAMES = 32 };

void unwind_start(void);
void unwind_stop(void); /* for good: the host gives up system calls */

/* Addresses within the calls around the call that returns to `caller`, the
 * innermost first. Returns the number of addresses. 0 in a vfork child, on an
 * alternate signal stack, and in code without unwind tables. */
size_t unwind_callers(const void *caller, uintptr_t frames[UNWIND_FRAMES]);

#endif
