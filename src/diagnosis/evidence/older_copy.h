/* A copy of the environment which a program took before it set a variable, and
 * passed to a program later. */
#ifndef EVIDENCE_OLDER_COPY_H
#define EVIDENCE_OLDER_COPY_H

#include "model/finding.h"

struct older_copy {
	const struct event *copy; /* null: none was seen */
	const struct event *set;  /* the later set of the variable */
};

/* The last copy that a line of the culprit's own took before it started the
 * receiver, when the culprit set the variable only after the copy. */
struct older_copy find_older_copy(const struct finding *,
				  const struct reading *);

/* The launch passed the value that the culprit itself had held before `set`:
 * from a copy of that time, where one was seen. set null: not so. */
struct older_copy find_older_passed(const struct finding *,
				    const struct reading *);

#endif
