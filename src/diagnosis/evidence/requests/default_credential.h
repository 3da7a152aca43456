/* A credential of the code itself in the place of a missing key. */
#ifndef EVIDENCE_DEFAULT_CREDENTIAL_H
#define EVIDENCE_DEFAULT_CREDENTIAL_H

#include "model/model.h"

/* True when the run is not known to have held a credential of the request, as a
 * value of a variable. */
bool carries_unknown(const struct request *, const struct reading *);

/* True for a credential that may be the text `$NAME`, `${NAME}` or
 * `{{NAME}}`, by the length: nobody put the value into the text. */
bool carries_reference(const struct request *, struct str name);

/* True when a client of models sent the request, or the path is of their
 * protocols. */
bool is_for_models(const struct request *);

/* True when the credential may be a key from elsewhere, such as a vault: by the
 * form of a provider's keys, or the length. */
bool may_carry_real_key(const struct request *, struct str name);

#endif
