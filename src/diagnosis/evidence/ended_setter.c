#include "diagnosis/evidence/ended_setter.h"

#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "model/place.h"
#include "runtimes/runtime.h"

enum { MOST_LOOKS = 4096 };

static bool has_ended_beside(const struct image *image, const struct reading *r)
{
	return model_is_evidence(image, r->image) && image->ended && r->event &&
	       image->ended < r->event->t && image->owner == r->image->owner &&
	       image->root == r->image->root && image->hop != HOP_THREAD &&
	       !is_ancestor(image, r->image);
}

/* A shell's own exports are seen as a change of its whole environment. */
static struct str site_of_set(const struct image *image, struct str name)
{
	const struct event *last = model_last_change(image, name, UINT64_MAX);
	struct str site = {NULL, 0};

	if (!last || model_held_for_one_call(image, name))
		return site;
	if (last->kind == KT_SET && !(last->value.is & KT_IS_EMPTY))
		return own_line_of(last);
	if (last->kind == KT_SWAP && is_shell(image) &&
	    image->hop != HOP_FORK && find_value(&last->env, name))
		site = line_of_change(last, name);
	else
		return site;
	return site.len ? site : runtime_script(image);
}

struct str place_of_ended_setter(const struct model *m, const struct reading *r)
{
	const struct variable *v = r->variable;
	struct str found = {NULL, 0};

	for (size_t i = 0; i < v->n_held_by && i < MOST_LOOKS; i++) {
		struct str site, place;

		if (!has_ended_beside(v->held_by[i], r))
			continue;
		site = site_of_set(v->held_by[i], r->name);
		if (!site.len)
			continue;
		place = place_in_words(m->arena, v->held_by[i], site);
		if (found.len && !str_eq(found, place))
			return (struct str){NULL, 0};
		found = place;
	}
	return found;
}
