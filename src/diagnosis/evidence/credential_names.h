/* What include/keytrail/credentials.def knows of names. */
#ifndef EVIDENCE_CREDENTIAL_NAMES_H
#define EVIDENCE_CREDENTIAL_NAMES_H

#include <stdbool.h>
#include "base/str.h"

/* The family of a well-known name: its names stand in for one another. Null
 * for any other name. */
const char *credential_family(struct str name);

/* Does the one stand in for the other? Names of a family do; so do names of
 * keys whose owners end alike: OPENAI_API_KEY and CREWAI_OPENAI_KEY. */
bool is_substitute(struct str a, struct str b);

/* Would anybody call this the name of a credential? */
bool is_credential_name(struct str name);

/* Does a value with a provider's prefix stand in the text? */
bool holds_key(struct str text);

/* Is it NAME=value, in the place of the name? */
bool has_value_in_name(struct str asked, struct str name);

/* Was `name` meant, where `missing` was asked for? A slip of the pen, other
 * capitals, other underscores, _KEY for _API_KEY; never two well-known names.
 */
bool is_misspelling(struct str missing, struct str name);

#endif
