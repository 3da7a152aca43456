#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/names/similar_names.h"
#include "diagnosis/evidence/sentence.h"
#include "model/place.h"
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

static bool misses_misspelling(const struct reading *o, const struct reading *r)
{
	const struct value *value;

	return o->outcome == READ_MISSED && o->image->pid != r->image->pid &&
	       model_is_evidence(o->image, r->image) && o->event &&
	       own_line_of(o->event).len && is_misspelling(o->name, r->name) &&
	       model_inherited(o->image, r->name, &value) == PRESENT;
}

/* `env -u NAME` may be meant: the worker gets the key from a program which asks
 * for the key by another name. */
static void add_misspelling(const struct model *m, const struct reading *r,
			    struct finding *f)
{
	enum { MOST_LOOKS = 4096 };

	if (!str_eq(str_base(f->culprit->exe), STR("env")))
		return;
	for (size_t i = 0; i < m->n_readings && i < MOST_LOOKS; i++) {
		const struct reading *o = &m->readings[i];
		struct str line;

		if (!misses_misspelling(o, r))
			continue;
		line = place_in_words(m->arena, o->image,
				      own_line_of(o->event));
		set_own_fix(m, f,
			    "drop `-u %.*s`; or, if another program is to hand "
			    "the key on, mend that: %.*s asks for %.*s, and "
			    "%.*s is set",
			    STR_FMT(r->name), STR_FMT(line), STR_FMT(o->name),
			    STR_FMT(r->name));
		return;
	}
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
	add_misspelling(m, r, f);
}

const struct rule rule_kt301 = {"KT301", "unset-in-process", LOSS_SEEN,
				300,	 explains,	     describe};
