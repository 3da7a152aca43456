/* What a text looks like, judged by its bytes alone.
 *
 * To teach a new word that announces a secret (an option, a variable, a
 * header): add the word to a list in classify_text.c. */
#ifndef RECORDER_CLASSIFY_TEXT_H
#define RECORDER_CLASSIFY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Index of the first of these characters, n when none is there. */
size_t length_to(const char *s, size_t n, const char *chars);
bool has_any(const char *s, size_t n, const char *chars);

/* 'text' or "text", without another such quote inside. */
bool is_quoted(const char *s, size_t n);

/* Is s[0..n), in any case, one of the words of "one|two|three"? */
bool is_one_of(const char *list, const char *s, size_t n);

/* Letters and digits in the disorder of a key: hex, base64, a UUID. The names
 * of files and directories have some of it (/app/releases/ab12cd34), and those
 * of variables are long. */
enum place_of_text { IN_TEXT, IN_PATH, IN_NAME };
bool looks_random(const char *s, size_t n, enum place_of_text);

/* Is it a secret that stands in the place of a variable's name? */
bool is_secret_name(const char *s, size_t n);

/* Does the name of an option, a variable, a key of a file speak of a secret?
 * --token and DB_PASSWORD do; --token-file, --no-auth and --author do not. */
bool names_secret(const char *s, size_t n);

/* "Authorization:", "Bearer": the rest of the text is a secret. */
bool announces_rest(const char *s, size_t n);

/* A port, a range, an address, a version: no password of a human. */
bool is_number(const char *s, size_t n);

bool is_path(const char *s, size_t n);

/* The file of a program's source or data, by its ending: bundle.ab12cd34.js */
bool is_file_name(const char *s, size_t n);

/* $NAME, ${NAME}: the shell puts the value there, after us. */
bool is_reference(const char *s, size_t n);

#endif
