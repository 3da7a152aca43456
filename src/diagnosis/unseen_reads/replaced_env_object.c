/* A program that put another object in the place of its language's environment,
 * whose reads are not heard. A reading is made for each name that the object
 * lacks and libc's environment has. */
#include "diagnosis/evaluation.h"

/* The object that the program worked with in the end. */
static const struct event *last_replaced(const struct image *image)
{
	const struct event *last =
		image->n_differs ? image->differs[image->n_differs - 1] : NULL;

	return last && last->replaced ? last : NULL;
}

static void evaluate_lost(struct evaluation *e, struct image *image,
			  const struct event *differ,
			  const struct named_value *lost)
{
	struct variable *v = model_variable(e->model, lost->name);
	struct reading *r;
	struct loss *l;

	if (!v || (lost->value.is & KT_IS_EMPTY))
		return;
	r = make_reading(e->arena, image, v);
	l = TAKE(e->arena, struct loss, 1);

	*l = (struct loss){.kind = LOST_CLEARED,
			   .image = image,
			   .receiver = image,
			   .event = differ,
			   .value = &lost->value};
	r->loss = l;
	r->replaced = differ;
	evaluate_reading(e, r);
}

void evaluate_replaced_names(struct evaluation *e)
{
	for (size_t i = 0; i < e->model->n_images; i++) {
		struct image *image = e->model->images[i];
		const struct event *differ = last_replaced(image);

		for (size_t k = 0; differ && k < differ->lost.n; k++)
			evaluate_lost(e, image, differ, &differ->lost.at[k]);
	}
}
