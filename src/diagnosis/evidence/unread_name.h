/* A name much like that of a key, which was set, and for which nobody asked:
 * the right value may stand there. */
#ifndef EVIDENCE_UNREAD_NAME_H
#define EVIDENCE_UNREAD_NAME_H

#include "model/model.h"

/* "OPENAI_KEY was set too, to another value, and nobody asked for it". len 0:
 * there is no such name. */
struct str unread_name_in_words(const struct model *, struct str key);

#endif
