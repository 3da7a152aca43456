/* Where a value that was read came from, in words. */
#ifndef EVIDENCE_VALUE_SOURCE_H
#define EVIDENCE_VALUE_SOURCE_H

#include "model/model.h"

/* True when a program of the run set the value, or gave the value to a started
 * program; false when the run began with the value. */
bool was_set_within_run(const struct reading *);

/* The line of the file from which a loader took the value, else the line or
 * the program behind the value: ".env:3", "start.py:5", "deploy.sh". */
struct str value_source_in_words(const struct model *, const struct reading *);

#endif
