#include "diagnosis/evidence/unseen_hop.h"

#include "runtimes/runtime.h"

bool changes_rights(const struct image *image)
{
	return runtime_leads(image) == LEADS_TO_USER ||
	       image->gap == GAP_SETUID;
}

/* False for an image of which only the birth was lost: later events may show
 * the variable. */
static bool is_unobservable(const struct image *image)
{
	return !image->observed && image->gap != GAP_NONE &&
	       image->gap != GAP_LOST_EVENTS;
}

bool is_lost_in_unobserved(const struct reading *r)
{
	const struct loss *l = r->loss;
	const struct value *value = NULL;

	return l && l->kind == LOST_UNSEEN && l->image != l->receiver &&
	       is_unobservable(l->image) &&
	       model_inherited(l->image, r->name, &value) == PRESENT;
}

bool is_external_launch(const struct reading *r)
{
	return r->loss && r->loss->kind == LOST_AT_EXTERNAL_LAUNCH;
}

/* Programs which start a program as another user. Many of these are static. */
static const char *const user_changers[] = {
	"gosu",		"su-exec",	  "setpriv", "setuidgid",
	"s6-setuidgid", "s6-applyuidgid", "chpst",   "start-stop-daemon",
	"busybox",	"toybox",	  "runc",    "crun",
};

static bool may_change_user(const struct image *image)
{
	struct str name = str_base(image->exe);

	if (runtime_leads(image) == LEADS_TO_USER)
		return true;
	for (size_t i = 0; i < sizeof user_changers / sizeof *user_changers;
	     i++)
		if (str_eq(name, str_of(user_changers[i])))
			return true;
	return false;
}

bool is_mere_claim(const struct image *image)
{
	return image->claimed && image->claimed->parent &&
	       !may_change_user(image->claimed->parent);
}
