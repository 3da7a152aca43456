/* A variable set too late: after the start of the program in need (the
 * reading's `late_set`). */
#ifndef EVIDENCE_LATE_SET_H
#define EVIDENCE_LATE_SET_H

#include "model/finding.h"

/* The culprit is the image which set the variable too late. */
void set_late_culprit(const struct reading *, struct finding *ret);

/* Fills summary and fix. `started` is a verb with its object, as in
 * "made a worker thread". */
void describe_late_set(const struct model *, const struct reading *,
		       struct finding *, struct str started);

#endif
