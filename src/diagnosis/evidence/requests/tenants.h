/* Several credentials of one program for one host, each for a tenant: the
 * acceptance of one is no answer to the refusal of another. */
#ifndef EVIDENCE_REQUESTS_TENANTS_H
#define EVIDENCE_REQUESTS_TENANTS_H

#include "model/model.h"

/* True when the refused value of the reading is no link of a chain of
 * fallbacks: the host took another value before and the program went on to
 * this value all the same, or this value is asked again in the name of another
 * tenant. */
bool is_refused_as_tenant(const struct request *, const struct reading *);

/* True for names of one key for two tenants: ACME_OPENAI_API_KEY and
 * OTHER_OPENAI_API_KEY. False for PRIMARY_ and BACKUP_. */
bool are_of_two_tenants(struct str name, struct str other);

#endif
