/* Redaction of the names of variables. Programs do call
 * getenv("OPENAI_API_KEY=sk-...") and getenv("sk-..."): such a name is a
 * secret. */
#ifndef RECORDER_REDACT_NAME_H
#define RECORDER_REDACT_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum { NAME_STARS = 12 };

/* Number of bytes of the name to show: n, or less when stars replace the rest.
 * The text before a = is shown, unless the text has the form of a key, or holds
 * the value of a watched variable of environ or of envp. */
size_t name_shown(const char *name, size_t n, char *const *envp);

/* Writes "***" and eight digits of the name's fingerprint, which keep two such
 * names apart. */
void name_stars(char to[NAME_STARS], const char *name, size_t n);

#endif
