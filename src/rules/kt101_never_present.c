#include "rules/cause.h"

/* Did we see all that came before? */
static enum confidence confidence(const struct reading *r)
{
	if (r->variable->holders || !r->image->seen_from_root)
		return POSSIBLE;
	return r->image->root->is_command ? CERTAIN : LIKELY;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct loss *l = r->loss;

	(void)m;
	if (!l || l->kind != LOST_NEVER_HELD || r->later_set)
		return false;
	ret->culprit = l->image;
	ret->severity = FAULT;
	ret->confidence = confidence(r);
	return true;
}

static void tell(const struct model *m, const struct reading *r,
		 struct finding *f)
{
	struct str root = who(m->arena, f->culprit);

	f->summary = arena_print(
		m->arena,
		"%.*s asked for %.*s, and no process back to %.*s held it%s",
		STR_FMT(who(m->arena, r->image)), STR_FMT(r->name),
		STR_FMT(root),
		r->variable->holders ? "; another branch of the run did" : "");
	f->fix = arena_print(m->arena,
			     "set %.*s where %.*s is started, and export it",
			     STR_FMT(r->name), STR_FMT(root));
}

const struct rule rule_kt101 = {"KT101", "never-present", 900, explains, tell};
