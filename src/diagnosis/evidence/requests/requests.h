/* A request: the answer, and the credential beside the value of a reader. */
#ifndef EVIDENCE_REQUESTS_H
#define EVIDENCE_REQUESTS_H

#include "model/finding.h"
#include "model/request_words.h"

/* True when the answer refuses the credential of the request, or asks for one.
 */
bool is_refused(const struct request *);

/* True when both went to the same host and port. */
bool is_same_host(const struct request *, const struct request *);

enum carriage {
	CARRIES_NOTHING, /* the request has no credential */
	CARRIES_VALUE,	 /* ... the value of the reading */
	CARRIES_OTHER,	 /* ... another value */
};

enum carriage carriage_of(const struct request *, const struct reading *);

/* True when the request is signed with a credential of which the name is a
 * part: only the id of such a credential is on the request. */
bool is_signed_with(const struct request *, const struct reading *);

/* The request with the value, answered with a redirect just before on the same
 * thread; or null. */
const struct request *find_redirect(const struct request *,
				    const struct reading *);

/* True for a host of this machine. */
bool is_loopback(struct str host);

/* The event with a line of the program: the request, else the read. */
const struct event *place_of_request(const struct request *,
				     const struct event *read);

/* The culprit is the sender of the request. */
void set_sender(struct finding *, const struct request *,
		const struct reading *);

/* True when a client of the name is on the way to the request. */
bool is_sent_by_client(const struct request *, struct str name);

/* True when the reader was started with a base URL for the provider. */
bool has_base_url(const struct reading *);

/* The same; or the reader found such a setting. */
bool has_gateway(const struct reading *);

/* The provider of the row of a name; len 0: the name is in no row. */
struct str provider_of_name(struct str name);

/* True for a host of the name's provider, or of the provider by which the value
 * is known. */
bool is_right_host(struct str host, const struct reading *);

#endif
