/* The environment that a language keeps beside libc's: what each of the two
 * held. A fork copies both. */
#include "model/build.h"

static bool is_set_past_copy(const struct event *e, struct str name)
{
	if (e->kind == KT_SWAP)
		return find_value(&e->env, name);
	return e->kind == KT_SET && e->has_environment &&
	       e->environment == KT_ENVIRONMENT_LIBC;
}

const struct event *set_past_copy(struct image *image, struct str name,
				  uint64_t t, struct image **ret_setter)
{
	const struct event *last = model_last_change(image, name, t);

	while (!last && image->hop == HOP_FORK && image->parent) {
		t = model_hop_time(image);
		image = image->parent;
		last = model_last_change(image, name, t);
	}
	if (!last || !is_set_past_copy(last, name))
		return NULL;
	*ret_setter = image;
	return last;
}

static const struct event *last_differ_of(const struct image *image, uint64_t t)
{
	const struct event *last = NULL;

	for (size_t i = 0; i < image->n_differs; i++)
		if (image->differs[i]->t <= t)
			last = image->differs[i];
	return last;
}

const struct event *last_differ(const struct image *image, uint64_t t)
{
	const struct event *last = last_differ_of(image, t);

	while (!last && image->hop == HOP_FORK && image->parent) {
		t = model_hop_time(image);
		image = image->parent;
		last = last_differ_of(image, t);
	}
	return last;
}

const struct event *held_in_copy_alone(const struct image *image,
				       struct str name, uint64_t t,
				       const struct value **ret_value)
{
	const struct event *last = last_differ(image, t);

	*ret_value = last ? find_value(&last->env, name) : NULL;
	return *ret_value ? last : NULL;
}

void build_language_copies(struct build *b)
{
	struct image **images = b->model->images;

	for (size_t i = 0; i < b->model->n_images; i++)
		images[i]->differs = events_of_kind(
			b->arena, images[i], KT_DIFFER, &images[i]->n_differs);
}
