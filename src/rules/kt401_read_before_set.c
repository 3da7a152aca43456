#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	if (!r->later_set)
		return false;
	set_culprit(ret, r->image, r->later_set, r->image);
	ret->severity = FAULT;
	ret->held_upstream = true;
	ret->confidence = CERTAIN;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	f->summary =
		arena_print(m->arena, "%.*s asked for %.*s before it set it",
			    STR_FMT(process_in_sentence(m->arena, r->image)),
			    STR_FMT(r->name));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_EARLY, r->name);
}

const struct rule rule_kt401 = {"KT401", "read-before-set", 400, explains,
				describe};
