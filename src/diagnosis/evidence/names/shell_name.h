/* Names that a shell can set: letters, digits and underscores. */
#ifndef EVIDENCE_SHELL_NAME_H
#define EVIDENCE_SHELL_NAME_H

#include "base/arena.h"

/* False for OPENAI_API_KEY_ACME-EU. The inputs of an action (INPUT_API-KEY) are
 * set by the runner, and pass. */
bool can_be_set_by_shell(struct str name);

/* "no shell can set ..., `env 'NAME=VALUE' COMMAND` can" */
struct str limit_of_shells_in_words(struct arena *, struct str name);

#endif
