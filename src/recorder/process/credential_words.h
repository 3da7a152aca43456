/* Words by which the message of an error speaks of a credential. Only the
 * answer is recorded, never the message. */
#ifndef RECORDER_CREDENTIAL_WORDS_H
#define RECORDER_CREDENTIAL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Of a message, at most so many bytes are read, and none behind a null byte. */
enum { MESSAGE_BYTES = 512 };

/* True for "401 Unauthorized", "invalid API key", "authentication failed".
 * `text` may be NULL. */
bool speaks_of_credential_text(const char *text);

/* True when the text has one of the words, in capitals or not. A blank stands
 * for any byte between two words, or for none. `text` may be NULL. */
bool message_has_word(const char *text, const char *const *words, size_t n);

#endif
