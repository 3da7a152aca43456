/* Which line of the program called exit: sys.exit and SystemExit are noted when
 * they are called, os._exit is asked for when libc hears of it. */
#ifndef RECORDER_PYTHON_EXIT_H
#define RECORDER_PYTHON_EXIT_H

#include <stdbool.h>

/* Replaces the function behind sys.exit and the initialiser of SystemExit, once
 * in a process. Not with ends=0. Call with the interpreter's lock. */
void python_exit_wrap(void);

/* What ends the program is another thing than the last sys.exit. */
void python_exit_forget(void);

/* The program is about to end: `fn` is what libc hears, or "return" from main.
 * True when source_pos_current() and its callers were set to the line
 * that called exit, and *ret_by, if need be, to the file of the standard
 * library that called exit for that line. */
bool python_on_exit(const char *fn, int status, const void *caller,
		    const char **ret_by);

#endif
