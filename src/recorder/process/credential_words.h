/* Words by which the message of an error speaks of a credential. Only the
 * answer is recorded, never the message. */
#ifndef RECORDER_CREDENTIAL_WORDS_H
#define RECORDER_CREDENTIAL_WORDS_H

#include <stdbool.h>

/* True for "401 Unauthorized", "invalid API key", "authentication failed". Of
 * the text, at most the first 512 bytes are read, and none behind a null byte.
 */
bool speaks_of_credential_text(const char *text);

#endif
