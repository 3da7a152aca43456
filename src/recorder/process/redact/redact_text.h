/* Pieces of a text, each shown or put as stars. */
#ifndef RECORDER_REDACT_TEXT_H
#define RECORDER_REDACT_TEXT_H

#include "recorder/process/redact/redact_output.h"

/* Puts a secret as stars. References of a shell are shown: $NAME and
 * $(command). */
void put_secret(struct reading *, const char *s, size_t n);

/* Puts a text of any form. Parts with the look of a secret become stars. */
void put_text(struct reading *, const char *s, size_t n);

/* Puts the path of a file or a program, named by an argument. */
void put_file_path(struct reading *, const char *s, size_t n);

/* Puts the path of an existing file: random-looking parts are shown. */
void put_existing_path(struct reading *, const char *s, size_t n);

/* Puts scheme, host and harmless parts of the path. False when the text is no
 * URL. */
bool put_url(struct reading *, const char *s, size_t n);

/* "Name: value" */
void put_header(struct reading *, const char *s, size_t n);

/* Text for another program to search with or to rewrite by. */
void put_pattern(struct reading *, const char *s, size_t n);

/* Length of NAME in NAME=value or Name:value, 0 for other texts. */
size_t assigned_name(const char *s, size_t n);

bool is_harmless(const char *s, size_t n);

/* Is the next word a password? Decided by the name of an option, with its
 * dashes, or by a word in a sentence. */
bool announces_word(const char *s, size_t n);

#endif
