/* What is written of the name of a variable. Programs do ask for
 * getenv("OPENAI_API_KEY=sk-..."), and for getenv("sk-..."): such a name is a
 * secret. */
#ifndef RECORDER_REDACT_NAME_H
#define RECORDER_REDACT_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum { NAME_STARS = 12 };

/* How many bytes of the name may be written: n, or less when stars take the
 * place of the rest. All before a = may, unless it has the form of a key, or
 * holds the value of a watched variable of environ or of envp. */
size_t name_shown(const char *name, size_t n, char *const *envp);

/* "***" and eight digits of the name's fingerprint, so that two such names are
 * not taken for one. */
void name_stars(char to[NAME_STARS], const char *name, size_t n);

#endif
