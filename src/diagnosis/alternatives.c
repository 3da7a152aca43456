/* Names in place of others. */
#include "diagnosis/evaluation.h"

bool is_needed_itself(struct str name)
{
	return role_of(name) == ROLE_KEY || role_of(name) == ROLE_NONE;
}

bool serves(struct str found, struct str missed)
{
	if (are_alternatives(found, missed))
		return true;
	return role_of(missed) == ROLE_OPTIONAL &&
	       are_of_one_provider(found, missed);
}
