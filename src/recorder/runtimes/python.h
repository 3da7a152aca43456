/* CPython 3.8 and later, from the library alone: os.environ is a dict that is
 * copied at start, so libc hears nothing of its reads. An audit hook (PEP 578)
 * brings the line of every launch, and wrapped methods of os._Environ that of
 * every read, set and delete.
 *
 * Nothing of it is there in a process that has no Python. */
#ifndef RECORDER_PYTHON_H
#define RECORDER_PYTHON_H

#include <stdbool.h>
#include <stddef.h>

#include "recorder/lib/str.h"

/* Once, from the constructor, before the interpreter begins. */
void python_start(void);

/* An interpreter that is loaded later, or begins again, asks for one of these
 * while it begins, and before it imports anything: for PYTHONPATH unless it is
 * isolated, for PATH unless it knows its directories from before (3.8 to 3.10,
 * the second time). */
static inline bool python_begins_with(const char *name, size_t n)
{
	return (n == 4 && bytes_equal(name, "PATH", 4)) ||
	       (n == 10 && bytes_equal(name, "PYTHONPATH", 10));
}
void python_begins(const void *caller);

#endif
