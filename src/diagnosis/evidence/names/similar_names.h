/* How names of credentials relate: families, substitutes and misspellings.
 * Which names look like a credential at all is told by
 * shared/credential_name.h. */
#ifndef EVIDENCE_SIMILAR_NAMES_H
#define EVIDENCE_SIMILAR_NAMES_H

#include <stdbool.h>
#include "base/str.h"

/* The family of a well-known name: names of a family are substitutes for each
 * other. Null for any other name. */
const char *credential_family(struct str name);

/* True for a well-known name whose provider's keys begin with a public prefix.
 */
bool has_known_form(struct str name);

/* True when either name can be used instead of the other: names of a family or
 * of two families for one service (AZURE_API_KEY, OPENAI_API_KEY), and names of
 * keys with owners which end alike (OPENAI_API_KEY, CREWAI_OPENAI_KEY). */
bool is_substitute(struct str a, struct str b);

/* True when `asked` is "NAME=value", with `name` as NAME. */
bool has_value_in_name(struct str asked, struct str name);

/* True when `missing` is a misspelling of `name`: a few wrong letters, other
 * capitals, other underscores, _KEY for _API_KEY, NAME=value. Two well-known
 * names are never misspellings of each other. */
bool is_misspelling(struct str missing, struct str name);

/* The same, for two well-known names, too: GROK_API_KEY, GROQ_API_KEY. */
bool is_near_spelling(struct str missing, struct str name);

#endif
