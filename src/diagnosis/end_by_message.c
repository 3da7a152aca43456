/* Did the message of the error that nobody caught speak of the missing name? */
#include "diagnosis/end.h"

#include "diagnosis/error_class.h"

bool is_called_missing(const struct reading *r)
{
	return is_nothing(r) && r->image->raise &&
	       is_listed(&r->image->raise->missing, r->name);
}

/* The process found a credential, about which an error may be as well. */
static bool found_any_credential(const struct reading *r)
{
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (model_found_value(o) &&
		    (role_of(o->name) <= ROLE_ALTERNATIVE ||
		     role_of(o->name) == ROLE_NONE))
			return true;
	return false;
}

bool is_complaint_of_credential(const struct reading *r, const struct ask *ask)
{
	const struct event *raise = r->image->raise;

	return has_words_of_credential(raise) && is_nothing(r) &&
	       ask->need == NEEDED && is_complaint(raise->type) &&
	       !raise->by.len && !found_any_credential(r);
}
