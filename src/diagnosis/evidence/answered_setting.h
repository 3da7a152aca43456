/* Refusals which speak of a setting beside the key: the organization or the
 * project in whose name a client sends requests. */
#ifndef EVIDENCE_ANSWERED_SETTING_H
#define EVIDENCE_ANSWERED_SETTING_H

#include "model/finding.h"

/* "the organization (OPENAI_ORG_ID)": what the refusal of the reading's value
 * speaks of, with the names of the catalogue that say which is meant; of these,
 * the names that the reader found, if any. len 0: the refusal speaks of the
 * key.
 */
struct str answered_setting(struct arena *, const struct reading *);

/* True when the reader found such a name. */
bool has_answered_setting(const struct reading *);

#endif
