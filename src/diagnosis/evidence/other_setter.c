#include "diagnosis/evidence/other_setter.h"

#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "model/place.h"
#include "runtimes/runtime.h"

enum { MOST_LOOKS = 4096 };

static bool is_beside(const struct image *image, const struct reading *r)
{
	return model_is_evidence(image, r->image) &&
	       image->owner == r->image->owner &&
	       image->root == r->image->root && image->hop != HOP_THREAD &&
	       !is_ancestor(image, r->image);
}

/* A shell's own exports are seen as a change of its whole environment. */
static struct str site_of_set(const struct image *image, struct str name,
			      uint64_t t)
{
	const struct event *last = model_last_change(image, name, t);
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

struct other_setter find_other_setter(const struct model *m,
				      const struct reading *r)
{
	const struct variable *v = r->variable;
	struct other_setter found = {.has_ended = true};

	for (size_t i = 0; r->event && i < v->n_held_by && i < MOST_LOOKS;
	     i++) {
		const struct image *image = v->held_by[i];
		uint64_t t = r->event->t;
		struct str site, place;

		if (!is_beside(image, r))
			continue;
		site = site_of_set(image, r->name, t);
		if (!site.len)
			continue;
		place = place_in_words(m->arena, image, site);
		if (found.place.len && !str_eq(found.place, place))
			return (struct other_setter){.has_ended = false};
		found.place = place;
		found.has_ended &= image->ended && image->ended < t;
	}
	return found;
}
