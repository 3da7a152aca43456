/* A program on another machine, or with rights which keep the recorder out,
 * records nothing. The trace shows only the environment of its launcher. For
 * each variable there, a reading is made on behalf of the unknown program. */
#include "diagnosis/evaluation.h"

#include "runtimes/runtime.h"

static bool started_an_observed_program(const struct image *image)
{
	for (const struct image *c = image->first_child; c; c = c->next_sibling)
		if (!model_is_fork_or_thread(c) ||
		    started_an_observed_program(c))
			return true;
	return false;
}

/* A fork or thread of the launcher is passed over: the launcher itself was
 * looked at. */
static bool launches_out_of_sight(const struct image *image)
{
	if (model_is_fork_or_thread(image))
		return false;
	switch (runtime_leads(image)) {
	case LEADS_NOWHERE:
		return false;
	case LEADS_TO_PLACE:
		return true;
	case LEADS_TO_USER:
		return !image->observed && !started_an_observed_program(image);
	}
	return false;
}

static const struct reading *new_reading(struct arena *a, struct image *image,
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
			  void (*evaluate)(void *, const struct reading *),
			  void *context)
{
	for (size_t i = 0; i < m->n_images; i++) {
		struct image *image = m->images[i];
		const struct value *value;

		if (!launches_out_of_sight(image))
			continue;
		for (size_t v = 0; v < m->n_variables; v++)
			if (model_inherited(image, m->variables[v].name,
					    &value) == PRESENT)
				evaluate(context,
					 new_reading(a, image,
						     &m->variables[v]));
	}
}
