/* Names of credentials, as include/keytrail/credentials.def lists them. */
#ifndef EVIDENCE_CREDENTIAL_NAMES_H
#define EVIDENCE_CREDENTIAL_NAMES_H

#include <stdbool.h>
#include "base/str.h"

/* The family of a well-known name: names of a family are substitutes for each
 * other. Null for any other name. */
const char *credential_family(struct str name);

/* True when either name can be used instead of the other: names of a family,
 * and names of keys with owners which end alike (OPENAI_API_KEY,
 * CREWAI_OPENAI_KEY). */
bool is_substitute(struct str a, struct str b);

/* True for a name which looks like the name of a credential. */
bool is_credential_name(struct str name);

/* True when the text has a value with a provider's prefix. */
bool holds_key(struct str text);

/* True when `asked` is "NAME=value", with `name` as NAME. */
bool has_value_in_name(struct str asked, struct str name);

/* True when `missing` is a misspelling of `name`: a few wrong letters, other
 * capitals, other underscores, _KEY for _API_KEY, NAME=value. Two well-known
 * names are never misspellings of each other. */
bool is_misspelling(struct str missing, struct str name);

#endif
