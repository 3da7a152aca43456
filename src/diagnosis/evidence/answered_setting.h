/* Refusals which speak of a setting beside the key: the organization or the
 * project in whose name a client sends requests. */
#ifndef EVIDENCE_ANSWERED_SETTING_H
#define EVIDENCE_ANSWERED_SETTING_H

#include "model/finding.h"

/* "the organization (OPENAI_ORG_ID)": the subject of the refusal of the
 * reading's value, with its names in the catalogue; of these, the names found
 * by the reader, if any. len 0: the subject is the key. */
struct str answered_setting(struct arena *, const struct reading *);

/* True when the reader found such a name. */
bool has_answered_setting(const struct reading *);

#endif
