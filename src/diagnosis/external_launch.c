#include "diagnosis/evaluation.h"
#include "runtimes/runtime.h"

/* Whoever runs on another machine, or with rights that keep us out, is never
 * heard to ask for anything. What the program that took it there held is all
 * that can be known: a reading of nobody, for the rules to judge. */

static bool was_beyond_seen(const struct image *image)
{
	for (const struct image *c = image->first_child; c; c = c->next_sibling)
		if (!model_is_fork_or_thread(c) || was_beyond_seen(c))
			return true;
	return false;
}

static bool leads_out_of_sight(const struct image *image)
{
	if (model_is_fork_or_thread(image))
		return false; /* a part of a program that was heard already */
	switch (runtime_leads(image)) {
	case LEADS_NOWHERE:
		return false;
	case LEADS_TO_PLACE:
		return true;
	case LEADS_TO_USER:
		return !image->observed && !was_beyond_seen(image);
	}
	return false;
}

static const struct reading *reading(struct arena *a, struct image *image,
				     struct variable *v)
{
	struct reading *r = TAKE(a, struct reading, 1);
	struct loss *l = TAKE(a, struct loss, 1);

	*l = (struct loss){.kind = LOST_AT_EXTERNAL_LAUNCH,
			   .image = image,
			   .receiver = image};
	*r = (struct reading){.image = image,
			      .name = v->name,
			      .outcome = READ_NONE,
			      .loss = l,
			      .variable = v};
	return r;
}

void each_external_launch(struct arena *a, const struct model *m,
			  void (*evaluate_reading)(void *,
						   const struct reading *),
			  void *evaluation)
{
	for (size_t i = 0; i < m->n_images; i++) {
		struct image *image = m->images[i];
		const struct value *value;

		if (!leads_out_of_sight(image))
			continue;
		for (size_t v = 0; v < m->n_variables; v++)
			if (model_inherited(image, m->variables[v].name,
					    &value) == PRESENT)
				evaluate_reading(
					evaluation,
					reading(a, image, &m->variables[v]));
	}
}
