#include "rules/cause.h"

bool changes_rights(const struct image *image)
{
	return runtime_leads(image) == LEADS_TO_USER ||
	       (image->gap && !strcmp(image->gap, "setuid"));
}

/* Whose birth was lost may have told of it since: that is not one of those
 * that nobody can look into. */
static bool is_closed(const struct image *image)
{
	return !image->observed && image->gap &&
	       strcmp(image->gap, "lost-events") != 0;
}

bool is_lost_within(const struct reading *r)
{
	const struct loss *l = r->loss;
	const struct value *value = NULL;

	return l && l->kind == LOST_UNSEEN && l->image != l->beyond &&
	       is_closed(l->image) &&
	       model_handed(l->image, r->name, &value) == PRESENT;
}
