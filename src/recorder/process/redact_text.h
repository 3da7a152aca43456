/* Pieces of a text, each shown or put as stars. */
#ifndef RECORDER_REDACT_TEXT_H
#define RECORDER_REDACT_TEXT_H

#include "recorder/process/redact_output.h"

/* A secret; shown is only what a shell replaces: $NAME and $(command). */
void put_secret(struct reading *, const char *s, size_t n);

/* A text of any form, of which the parts that could be secrets are stars. */
void put_text(struct reading *, const char *s, size_t n);

/* The path of a file or a program that an argument names. */
void put_file_path(struct reading *, const char *s, size_t n);

/* The path of what is there: disorder is none of its secrets. */
void put_existing_path(struct reading *, const char *s, size_t n);

/* Scheme, host and harmless parts of the path; false when it is no URL. */
bool put_url(struct reading *, const char *s, size_t n);

/* "Name: value" */
void put_header(struct reading *, const char *s, size_t n);

/* Text for another program to search with or to rewrite by. */
void put_pattern(struct reading *, const char *s, size_t n);

/* Length of the NAME of NAME=value or Name:value, 0 when it is neither. */
size_t assigned_name(const char *s, size_t n);

bool is_harmless(const char *s, size_t n);

/* A name of a password that the next word is: of an option, with its dashes,
 * or in a sentence. */
bool announces_word(const char *s, size_t n);

#endif
