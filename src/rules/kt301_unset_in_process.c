#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/sentence.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	return set_culprit_of_loss(ret, r, LOST_UNSET);
}

/* A forked child may have become another program on the way to the reader. */
static const struct image *started_program(const struct reading *r)
{
	const struct image *at = r->image;

	while (at->pid != r->loss->receiver->pid && at->parent)
		at = at->parent;
	return at;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	say_culprit(m, r, f, "removes %.*s from the environment",
		    STR_FMT(names_of(m->arena, f)));
	if (r->loss->receiver != r->loss->image)
		f->detail = arena_print(
			m->arena, "before it starts %.*s, which needs it",
			STR_FMT(started_in_words(m->arena, f,
						 started_program(r))));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_UNSET, r->name);
}

const struct rule rule_kt301 = {"KT301", "unset-in-process", LOSS_SEEN,
				300,	 explains,	     describe};
