/* An audit hook (PEP 578) in the interpreter: wraps os.environ when `os` is
 * imported, and notes the line of every launch for the exec and spawn hooks. */
#ifndef RECORDER_PYTHON_AUDIT_H
#define RECORDER_PYTHON_AUDIT_H

#include <stdbool.h>

/* Adds the hook. Call before the interpreter begins, with `py` filled. */
void python_audit_start(void);

/* Notes the line of a launch of which no audited event told. The lock of Python
 * is held. */
void python_note_launch(void);

/* True from python_audit_start() to the end of that interpreter. */
bool python_audit_is_started(void);

#endif
