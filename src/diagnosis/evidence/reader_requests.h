/* The requests that a reader sent with, or without, the value that it read. */
#ifndef EVIDENCE_READER_REQUESTS_H
#define EVIDENCE_READER_REQUESTS_H

#include "diagnosis/evidence/requests.h"

/* The last request of the reader for which `fits` is true, or null. Requests of
 * its forks and threads are its own, unless these have a reading of the name.
 */
const struct request *find_request(const struct reading *,
				   bool (*fits)(const struct request *,
						const struct reading *));

/* The last request of the reader that was refused for want of the name's value,
 * or with the value, and that no later request made good. Null: none. */
const struct request *find_refusal(const struct reading *);

/* The last request of the reader that was accepted with its value, or null. */
const struct request *find_accepted(const struct reading *);

/* When the reader last read the value, or sent it. */
uint64_t last_use(const struct reading *);

/* True when a request with the value was accepted, and none stays refused. */
bool was_accepted(const struct reading *);

#endif
