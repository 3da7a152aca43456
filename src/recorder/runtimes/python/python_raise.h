/* Exceptions that end the program: uncaught ones, and the one that is being
 * handled when the program calls exit. */
#ifndef RECORDER_PYTHON_RAISE_H
#define RECORDER_PYTHON_RAISE_H

#include "recorder/runtimes/python/python_api.h"

/* An uncaught exception: `args` of the audit event sys.excepthook. */
void python_record_uncaught(object *args);

/* `except KeyError: sys.exit(1)`: records the KeyError. Nothing when no
 * exception is being handled. */
void python_record_handled(void);

/* A file is opened: perhaps a source, for the traceback of an exception that
 * ended a thread or a child of multiprocessing. The library caught that
 * exception, and no audit event tells of it. */
void python_record_printed(void);

#endif
