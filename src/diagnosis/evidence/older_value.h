/* A reader with an older value than the program for which it works. */
#ifndef EVIDENCE_OLDER_VALUE_H
#define EVIDENCE_OLDER_VALUE_H

#include "diagnosis/evidence/files/loaded_file.h"

/* True when `newer` is another value of the reading's variable, and appeared in
 * the trace after the value that the reading found. */
bool is_newer_value(const struct reading *, const struct value *newer);

/* CERTAIN when the reading's value was refused, and a newer one accepted. */
enum confidence confidence_by_requests(const struct reading *);

/* A change by `changer`, an ancestor of the reader, after `changer` had started
 * `started`, which leads to the reader. All null: there was none. */
struct passed_change {
	const struct image *changer, *started;
	const struct event *change;
};

/* The reader, or what leads to it, was started with the value until then. The
 * change was made up to `t`. */
struct passed_change find_passed_change(const struct reading *, uint64_t t);

/* The file from which the reading's value was loaded, when it was changed after
 * that, and holds another value now. by null: no such file is known.
 * *ret_changed: when, in ns of the trace's clock. */
struct loaded_file find_changed_file(const struct model *,
				     const struct reading *,
				     uint64_t *ret_changed);

/* The file which the program that gave the value had opened, and which has
 * another value, unlike the reading's and well-formed, unchanged since. by
 * null: none, or a file has the value. */
struct loaded_file find_unlike_file(const struct model *,
				    const struct reading *);

/* When the process of the image began: before an exec, too. */
uint64_t start_of_process(const struct image *);

#endif
