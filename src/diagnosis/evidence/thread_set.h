/* A variable set by a worker thread, in an environment of its own. */
#ifndef EVIDENCE_THREAD_SET_H
#define EVIDENCE_THREAD_SET_H

#include "model/model.h"

/* The thread, of the process that missed the name or of one above, that set
 * a value; or null. *ret_set: the event. */
const struct image *find_thread_set(const struct reading *,
				    const struct event **ret_set);

#endif
