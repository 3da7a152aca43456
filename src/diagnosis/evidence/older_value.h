/* A reader with an older value than the program for which it works. */
#ifndef EVIDENCE_OLDER_VALUE_H
#define EVIDENCE_OLDER_VALUE_H

#include "model/model.h"

/* True when `newer` is another value of the reading's variable, and appeared in
 * the trace after the value that the reading found. */
bool is_newer_value(const struct reading *, const struct value *newer);

/* A change by `changer`, an ancestor of the reader, after `changer` had started
 * `started`, which leads to the reader. All null: there was none. */
struct passed_change {
	const struct image *changer, *started;
	const struct event *change;
};

/* The reader, or what leads to it, was started with the value until then. The
 * change was made up to `t`. */
struct passed_change find_passed_change(const struct reading *, uint64_t t);

/* When the process of the image began: before an exec, too. */
uint64_t start_of_process(const struct image *);

#endif
