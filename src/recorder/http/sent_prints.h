/* Fingerprints of the credentials that were sent or received last. A client
 * sends the same credential with each request, and a fingerprint costs more
 * than the rest of the head. */
#ifndef RECORDER_HTTP_SENT_PRINTS_H
#define RECORDER_HTTP_SENT_PRINTS_H

#include <stdatomic.h>

#include "recorder/secrets/secret.h"

enum { HTTP_PRINTS = 16 };

struct sent_prints {
	struct {
		_Atomic uint32_t taken;
		struct fingerprint print;
	} at[HTTP_PRINTS];
};

void sent_prints_start(struct sent_prints *);

/* The fingerprint with its tag, computed or found by the tag. */
void sent_fingerprint(struct secret s, struct fingerprint *ret);

#endif
