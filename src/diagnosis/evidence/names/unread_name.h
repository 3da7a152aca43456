/* A name much like the name of a key, set, and read by nobody: the right value
 * may stand under this name. */
#ifndef EVIDENCE_UNREAD_NAME_H
#define EVIDENCE_UNREAD_NAME_H

#include "model/model.h"

/* "OPENAI_KEY was set too, to another value, and nobody asked for it". len 0:
 * no such name. */
struct str unread_name_in_words(const struct model *, struct str key);

#endif
