/* The real function behind each hook, found in the loader's own lists. dlsym
 * would take a lock, and a failing dlsym allocates memory. */
#ifndef RECORDER_REAL_H
#define RECORDER_REAL_H

#include <stddef.h>

struct real {
#define HOOK(function, event) void *function;
#include "recorder/hooks/hooks.def"
#undef HOOK
};
extern struct real real;

/* Fills `real`, but for rows of OPEN. May be called again, and before the
 * constructor. */
void real_find(void);

/* Finds the function of one row, or else of the row `other`. NULL: this libc
 * has neither. */
void *real_find_later(size_t row, size_t other);

/* REAL(execve)(path, ...). NULL only when this libc has no such function. The
 * file that calls REAL includes the header of the function: the declaration
 * gives the type. */
#define REAL(function)                                                         \
	AS_DECLARED(function, real.function ? real.function                    \
					    : (real_find(), real.function))

/* The same without a lookup: NULL also before real_find(). */
#define FOUND(function) AS_DECLARED(function, real.function)

/* For rows of OPEN, untyped: looked up at the first call. `other` does the same
 * in a libc that lacks the function. */
#define REAL_LATER(function, other)                                            \
	(real.function ? real.function                                         \
		       : real_find_later(REAL_ROW(function), REAL_ROW(other)))
#define REAL_ROW(function) (offsetof(struct real, function) / sizeof(void *))

#define AS_DECLARED(function, address) ((__typeof__(function) *)(address))

#endif
