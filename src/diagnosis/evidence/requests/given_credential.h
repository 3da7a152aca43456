/* A credential which a program gave to a client, and which no variable of the
 * run held: of a mounted file, a vault. */
#ifndef EVIDENCE_GIVEN_CREDENTIAL_H
#define EVIDENCE_GIVEN_CREDENTIAL_H

#include "model/model.h"

/* The first request to a provider, or by a client of models, which a host
 * accepted with such a credential, in a program that did not fail. Null: none,
 * or a request of the run stays refused. */
const struct request *find_accepted_given(const struct model *);

#endif
