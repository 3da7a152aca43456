#include "diagnosis/evidence/requests/setting_requests.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/requests/reader_requests.h"

static bool is_key_of(const struct reading *o, const struct reading *setting)
{
	return o->outcome == READ_FOUND && role_of(o->name) != ROLE_SETTING &&
	       are_of_one_provider(o->name, setting->name);
}

const struct request *find_refusal_of_key(const struct reading *setting)
{
	const struct request *q = NULL;

	if (role_of(setting->name) != ROLE_SETTING)
		return NULL;
	for (const struct reading *o = setting->image->readings; o && !q;
	     o = o->next)
		if (is_key_of(o, setting))
			q = find_refusal(o);
	return q;
}

bool was_key_accepted(const struct reading *setting)
{
	if (role_of(setting->name) != ROLE_SETTING ||
	    find_refusal_of_key(setting))
		return false;
	for (const struct reading *o = setting->image->readings; o; o = o->next)
		if (is_key_of(o, setting) && find_accepted(o))
			return true;
	return false;
}
