#include "rules/rule.h"

#include "diagnosis/evidence/arguments.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/unseen_hop.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

/* True for a client, as `docker run` or `ssh HOST`, which started a program
 * elsewhere with a new environment. */
static bool started_elsewhere(const struct image *image)
{
	return runtime_leads(image) == LEADS_TO_PLACE &&
	       model_arguments(image)->n > 1 &&
	       runtime_starts_new_environment(image);
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct image *client = r->image;

	(void)m;
	if (!is_external_launch(r) || !started_elsewhere(client) ||
	    arguments_mention(client, r->name))
		return false;
	set_culprit(ret, client, NULL, client);
	ret->severity = runtime_waits(client) ? FAULT : WARNING;
	if (!arguments_are_complete(client) || runtime_failed_itself(client))
		ret->severity = NOTE;
	ret->confidence = POSSIBLE;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	say_culprit(m, r, f,
		    "does not hand %.*s over to what it starts "
		    "elsewhere",
		    STR_FMT(names_of(m->arena, f)));
	f->detail = arena_print(m->arena, "%.*s had it",
				STR_FMT(str_base(f->culprit->exe)));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_BEYOND, r->name);
}

const struct rule rule_kt206 = {"KT206", "not-handed-over", LOSS_OUT_OF_SIGHT,
				220,	 explains,	    describe};
