/* The kind of a text, judged by the bytes alone.
 *
 * To add a word that announces a secret (an option, a variable, a header): add
 * the word to a list in classify_text.c. */
#ifndef RECORDER_CLASSIFY_TEXT_H
#define RECORDER_CLASSIFY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Index of the first of these characters; n when the text has none. */
size_t length_to(const char *s, size_t n, const char *chars);
bool has_any(const char *s, size_t n, const char *chars);

/* True when each byte is a letter, a digit or one of `others`. */
bool is_alphanumeric(const char *s, size_t n, const char *others);

/* 'text' or "text", without another quote of the same kind inside. */
bool is_quoted(const char *s, size_t n);

/* True when s[0..n), in any case, is a word of "one|two|three". */
bool is_one_of(const char *list, const char *s, size_t n);

/* Letters and digits in the disorder of a key: hex, base64, a UUID. Names of
 * files and directories are partly random (/app/releases/ab12cd34), and names
 * of variables are long: the place sets the threshold. */
enum place_of_text { IN_TEXT, IN_PATH, IN_NAME };
bool looks_random(const char *s, size_t n, enum place_of_text);

/* True for a secret in the place of a variable's name. */
bool is_secret_name(const char *s, size_t n);

/* True when the name of an option, a variable or a file's key announces a
 * secret: --token, DB_PASSWORD; not --token-file, --no-auth, --author. */
bool names_secret(const char *s, size_t n);

/* "Authorization:", "Bearer": the rest of the text is a secret. */
bool announces_rest(const char *s, size_t n);

/* A port, a range, an address or a version: no password of a human. */
bool is_number(const char *s, size_t n);

bool is_path(const char *s, size_t n);

/* A file of a program's source or data, by the ending: bundle.ab12cd34.js */
bool is_file_name(const char *s, size_t n);

/* $NAME, ${NAME}: the shell inserts the value after the recorder has seen the
 * command. */
bool is_reference(const char *s, size_t n);

#endif
