/* Copies of os.environ: a settings library reads its copy, and no later read of
 * a variable is heard. */
#ifndef RECORDER_PYTHON_COPY_H
#define RECORDER_PYTHON_COPY_H

#include "recorder/runtimes/python/python_frames.h"

/* A value was taken while the names were listed. Records a copy, unless nobody
 * keeps the values. */
void python_on_copy(struct python_caller *);

/* The names were listed: a copy too where the library then selects by name. */
void python_on_listing(struct python_caller *);

#endif
