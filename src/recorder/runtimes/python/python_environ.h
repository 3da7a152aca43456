/* Wrapped methods of os._Environ: reads of os.environ are recorded here, since
 * CPython copies the environment at start and libc never hears of a read. Sets
 * and deletes end in libc, whose hooks record the event: the wrapper only
 * leaves the line. */
#ifndef RECORDER_PYTHON_ENVIRON_H
#define RECORDER_PYTHON_ENVIRON_H

#include "recorder/runtimes/python/python_api.h"

/* Wraps the class of the running interpreter's os.environ, once. */
void python_environ_wrap(void);

/* True for an object of exactly such a class. */
bool python_environ_is_wrapped(void);
bool python_is_environ(object *);

/* Forgets all classes: the interpreter ends, another may begin. */
void python_environ_forget(void);

#endif
