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

static void evaluate_launch(struct evaluation *e, struct image *image,
			    struct variable *v)
{
	struct reading *r = make_reading(e->arena, image, v);
	struct loss *l = TAKE(e->arena, struct loss, 1);

	*l = (struct loss){.kind = LOST_AT_EXTERNAL_LAUNCH,
			   .image = image,
			   .receiver = image};
	r->loss = l;
	evaluate_reading(e, r);
}

void evaluate_external_launches(struct evaluation *e)
{
	const struct model *m = e->model;

	for (size_t i = 0; i < m->n_images; i++) {
		struct image *image = m->images[i];
		const struct value *value;

		if (!launches_out_of_sight(image))
			continue;
		for (size_t v = 0; v < m->n_variables; v++)
			if (model_inherited(image, m->variables[v].name,
					    &value) == PRESENT)
				evaluate_launch(e, image, &m->variables[v]);
	}
}
