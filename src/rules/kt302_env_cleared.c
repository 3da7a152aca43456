#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/sentence.h"
#include "model/place.h"
#include "runtimes/runtime.h"

/* The object was looked at when a library raised an error: the program's own
 * line led there. */
static void set_line_of_error(const struct reading *r, struct finding *ret)
{
	const struct event *raise = r->image->raise;
	struct str own = {NULL, 0};

	if (r->replaced->command_site.len)
		own = r->replaced->command_site;
	else if (raise && str_eq(event_site(raise), event_site(r->replaced)))
		own = own_line_of(raise);
	if (own.len)
		ret->culprit_site = own;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	if (!set_culprit_of_loss(ret, r, LOST_CLEARED))
		return false;
	if (r->loss->event->kind == KT_BIRTH)
		ret->confidence = LIKELY;
	if (r->replaced)
		set_line_of_error(r, ret);
	return true;
}

static void describe_replaced(const struct model *m, const struct reading *r,
			      struct finding *f)
{
	say_culprit(m, r, f, "works with another object for %.*s, without %.*s",
		    STR_FMT(r->replaced->fn), STR_FMT(names_of(m->arena, f)));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_COPIED, r->name);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	bool is_emptied = r->loss->event->kind == KT_CLEAR;

	if (r->replaced) {
		describe_replaced(m, r, f);
		return;
	}
	say_culprit(m, r, f,
		    is_emptied ? "empties the environment, with %.*s in it"
			       : "replaces the environment by one without %.*s",
		    STR_FMT(names_of(m->arena, f)));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_CLEARED, r->name);
}

const struct rule rule_kt302 = {"KT302", "env-cleared", LOSS_SEEN,
				310,	 explains,	describe};
