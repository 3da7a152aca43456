#include "rules/rule.h"

#include "model/process_name.h"

/* Were all images before the reader observed? */
static enum confidence confidence(const struct reading *r)
{
	if (model_holders(r->variable, r->image) ||
	    !r->image->observed_from_root)
		return POSSIBLE;
	return r->image->root->is_command ? CERTAIN : LIKELY;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct loss *l = r->loss;

	(void)m;
	if (!l || l->kind != LOST_NEVER_HELD || r->later_set || r->late_set.set)
		return false;
	ret->culprit = l->image;
	ret->confidence = confidence(r);
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct str root = process_in_sentence(m->arena, f->culprit);

	f->summary = arena_print(
		m->arena,
		"%.*s asked for %.*s, and no process back to %.*s held it%s",
		STR_FMT(process_in_sentence(m->arena, r->image)),
		STR_FMT(r->name), STR_FMT(root),
		model_holders(r->variable, r->image)
			? "; another branch of the run did"
			: "");
	f->fix = arena_print(m->arena,
			     "set %.*s where %.*s is started, and export it",
			     STR_FMT(r->name), STR_FMT(root));
}

const struct rule rule_kt101 = {"KT101", "never-present", LOSS_NOWHERE,
				900,	 explains,	  describe};
