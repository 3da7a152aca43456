/* CPython 3.8 and later, from the library alone: os.environ is a dict that is
 * copied at start, so libc hears nothing of its reads. An audit hook (PEP 578)
 * brings the line of every launch, and wrapped methods of os._Environ that of
 * every read, set and delete.
 *
 * Nothing of it is there in a process that has no Python. */
#ifndef RECORDER_PYTHON_H
#define RECORDER_PYTHON_H

/* Once, from the constructor, before the interpreter begins. */
void python_start(void);

#endif
