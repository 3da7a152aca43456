/* The real function behind each hook, found in the loader's own lists: a
 * lookup of ours takes no lock and no memory, a failing dlsym does both. */
#ifndef RECORDER_REAL_H
#define RECORDER_REAL_H

#include <stddef.h>

struct real {
#define HOOK(function, event) void *function;
#include "recorder/hooks/hooks.def"
#undef HOOK
};
extern struct real real;

/* Fills `real` once; harmless to call again, or before our constructor. */
void real_find(void);

/* REAL(execve)(path, ...). NULL only when this libc has no such function. The
 * file that calls REAL includes the header of the function: the declaration
 * gives the type. */
#define REAL(function)                                                         \
	AS_DECLARED(function, real.function ? real.function                    \
					    : (real_find(), real.function))

/* The same without a lookup: NULL also before real_find(). */
#define FOUND(function) AS_DECLARED(function, real.function)

#define AS_DECLARED(function, address) ((__typeof__(function) *)(address))

#endif
