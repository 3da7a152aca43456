/* The requests of a reader, with or without the value of the reading. */
#ifndef EVIDENCE_READER_REQUESTS_H
#define EVIDENCE_READER_REQUESTS_H

#include "diagnosis/evidence/requests/requests.h"

/* The last request of the reader for which `fits` is true, or null. Requests of
 * its forks and threads are its own, unless these have a reading of the name.
 */
const struct request *find_request(const struct reading *,
				   bool (*fits)(const struct request *,
						const struct reading *));

/* The last request of the reader refused for want of the value, or with the
 * value, and made good by no later request. Null: none. */
const struct request *find_refusal(const struct reading *);

/* True for a refused request with no credential, or a word for nothing, to a
 * host of the name's provider or by a client of the name. */
bool is_refused_without_key(const struct request *, struct str name);

/* True for a request with a credential that is no key: "Bearer ", "Bearer
 * undefined". */
bool carries_word_for_nothing(const struct request *);

/* The last request of the reader accepted with the value, or null. */
const struct request *find_accepted(const struct reading *);

/* The last request accepted with a credential of no variable, for a missing
 * key, where none stays refused; or null. */
const struct request *find_accepted_instead(const struct reading *);

/* When the reader last read the value, or sent the value. */
uint64_t last_use(const struct reading *);

/* Requests of the reader, or of what it started, that the recorder could not
 * read; or null. */
const struct event *find_unseen_requests(const struct reading *);

/* True when a request with the value was accepted, and none stays refused. */
bool was_accepted(const struct reading *);

/* ... in any process of the run that found the same value of the name. */
bool is_value_accepted(const struct reading *);

/* True when the image missed another key, for which no parser of arguments and
 * no library alone asked. */
bool misses_another_key(const struct reading *);

#endif
