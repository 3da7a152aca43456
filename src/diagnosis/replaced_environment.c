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

static struct variable *find_variable(const struct model *m, struct str name)
{
	for (size_t i = 0; i < m->n_variables; i++)
		if (str_eq(m->variables[i].name, name))
			return &m->variables[i];
	return NULL;
}

static const struct reading *new_reading(struct arena *a, struct image *image,
					 const struct event *differ,
					 const struct named_value *lost,
					 struct variable *v)
{
	struct reading *r = TAKE(a, struct reading, 1);
	struct loss *l = TAKE(a, struct loss, 1);

	*l = (struct loss){.kind = LOST_CLEARED,
			   .image = image,
			   .receiver = image,
			   .event = differ,
			   .value = &lost->value};
	*r = (struct reading){.image = image,
			      .name = v->name,
			      .outcome = READ_NONE,
			      .loss = l,
			      .replaced = differ,
			      .variable = v};
	return r;
}

void each_replaced_name(struct arena *a, const struct model *m,
			void (*evaluate)(void *, const struct reading *),
			void *context)
{
	for (size_t i = 0; i < m->n_images; i++) {
		struct image *image = m->images[i];
		const struct event *differ = last_replaced(image);

		for (size_t k = 0; differ && k < differ->lost.n; k++) {
			const struct named_value *lost = &differ->lost.at[k];
			struct variable *v = find_variable(m, lost->name);

			if (v && !(lost->value.is & KT_IS_EMPTY))
				evaluate(context, new_reading(a, image, differ,
							      lost, v));
		}
	}
}
