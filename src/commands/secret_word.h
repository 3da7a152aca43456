/* Words that may be a secret, known by their form or from our environment. */
#ifndef COMMANDS_SECRET_WORD_H
#define COMMANDS_SECRET_WORD_H

#include <stdbool.h>

#include "base/str.h"

/* True when a key with a known prefix stands in the word, or the value, of
 * `shortest` bytes or more, of a credential of our own environment. */
bool holds_secret(struct str word, size_t shortest);

#endif
