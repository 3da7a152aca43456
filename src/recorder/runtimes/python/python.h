/* CPython 3.8 and later, from the library alone. os.environ is a dict, copied
 * from the environment at start: libc never hears of a read. An audit hook (PEP
 * 578, python_audit.h) brings the line of every launch; wrapped methods of
 * os._Environ (python_environ.h) bring the line of every read, set and delete.
 *
 * A process without Python has no part of this adapter. */
#ifndef RECORDER_PYTHON_H
#define RECORDER_PYTHON_H

#include <stdbool.h>
#include <stddef.h>

#include "recorder/lib/str.h"

/* Once, from the constructor, before the interpreter begins. */
void python_start(void);

/* Names for which a beginning interpreter calls getenv before any import. So
 * an interpreter is noticed that was loaded later, or begins again.
 * PYTHONPATH: read unless the interpreter is isolated. PATH: read unless the
 * interpreter knows its directories already (3.8 to 3.10, second start). */
static inline bool python_begins_with(const char *name, size_t n)
{
	return (n == 4 && bytes_equal(name, "PATH", 4)) ||
	       (n == 10 && bytes_equal(name, "PYTHONPATH", 10));
}
void python_begins(const void *caller);

/* The line that asks for a file, while libc is called. False where that cannot
 * be known: Python gives its lock away for such a call, and only where no other
 * thread exists can the lock be taken back without waiting. */
struct source_pos;
struct callers;
bool python_on_probe(const void *caller, struct source_pos *, struct callers *);

/* Before a fork: notes the line for the launch that follows. multiprocessing
 * starts programs past every audited event, and without the lock. */
void python_on_fork(void);

#endif
