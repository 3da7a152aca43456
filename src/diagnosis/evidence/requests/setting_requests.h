/* Requests with a key, for a setting beside the key: a base URL says where the
 * key goes. */
#ifndef DIAGNOSIS_EVIDENCE_REQUESTS_SETTING_REQUESTS_H
#define DIAGNOSIS_EVIDENCE_REQUESTS_SETTING_REQUESTS_H

#include "model/model.h"

/* The refusal of a found key of the setting's provider, in the reader of the
 * setting; or null. */
const struct request *find_refusal_of_key(const struct reading *setting);

/* True when a host took such a key, and none refused. */
bool was_key_accepted(const struct reading *setting);

#endif
