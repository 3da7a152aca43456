/* The way of a request through traced programs on one machine. */
#ifndef EVIDENCE_FORWARDING_H
#define EVIDENCE_FORWARDING_H

#include "model/model.h"

/* The fate of a value on the way of a request. */
struct passage {
	/* The last request on the way, as far as seen. */
	const struct request *last;
	/* Received the value, and passed the request on without; or null. */
	const struct image *stripper;
	/* Passed the request on with another credential; or null. */
	const struct image *rewriter;
};

/* Follows `q`, which carries `value`, from program to program. */
struct passage follow_request(const struct model *, const struct request *q,
			      const struct value *);

/* The host of the last request on the way. */
struct str last_host_in_words(const struct model *, const struct request *q,
			      const struct value *);

#endif
