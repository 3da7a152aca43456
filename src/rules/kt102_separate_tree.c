#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "model/process_name.h"

/* The root of another tree which held a value, or has a holder below. */
static const struct image *find_holder(const struct model *m,
				       const struct reading *r)
{
	for (size_t i = 0; i < m->n_images && i < 4096; i++) {
		const struct image *image = m->images[i];
		const struct value *value = NULL;

		if (image->root != r->image->root &&
		    image->owner == r->image->owner &&
		    model_inherited(image, r->name, &value) == PRESENT &&
		    !(value->is & KT_IS_EMPTY))
			return image;
	}
	return NULL;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct loss *l = r->loss;

	if (!l || l->kind != LOST_NEVER_HELD || r->later_set ||
	    r->late_set.set || !model_holders(r->variable, r->image) ||
	    !find_holder(m, r))
		return false;
	set_culprit(ret, l->image, NULL, r->image);
	ret->confidence = r->image->observed_from_root ? LIKELY : POSSIBLE;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct str starter = process_in_sentence(m->arena, f->culprit);

	f->summary = arena_print(
		m->arena,
		"%.*s holds %.*s; %.*s belongs to %.*s, which was started "
		"without it",
		STR_FMT(process_in_sentence(m->arena, find_holder(m, r))),
		STR_FMT(r->name),
		STR_FMT(process_in_sentence(m->arena, r->image)),
		STR_FMT(starter));
	f->fix = arena_print(
		m->arena,
		"set %.*s where %.*s is started (its unit file, compose "
		"service or terminal), and start it again: a program that runs "
		"already gets no variable from another",
		STR_FMT(r->name), STR_FMT(starter));
}

const struct rule rule_kt102 = {"KT102", "separate-tree", LOSS_ELSEWHERE,
				890,	 explains,	  describe};
