/* Python's os.environ beside libc's environ, looked at when the program starts
 * another one; another object in the place of os.environ also when a module is
 * imported, and when an error ends the program. */
#ifndef RECORDER_PYTHON_DIFFER_H
#define RECORDER_PYTHON_DIFFER_H

#include "recorder/process/source_pos.h"

/* With the lock of the interpreter, and no exception set. */
void python_compare(const struct source_pos *, const struct callers *);

/* True while another object stands in the place of os.environ. */
bool python_is_environ_replaced(void);

#endif
