/* Questions about one image. */
#include "model/model.h"

const struct image *model_process(const struct image *image)
{
	while (image->hop == HOP_THREAD && image->parent)
		image = image->parent;
	return image;
}

bool model_is_first_program(const struct image *image)
{
	if (!image->parent)
		return true;
	return image->hop != HOP_THREAD &&
	       (image->hop != HOP_EXEC || image->pid != image->parent->pid);
}

const struct image *model_first_program(const struct image *image)
{
	while (!model_is_first_program(image))
		image = image->parent;
	return image;
}

static const struct image *find_exec(const struct image *image)
{
	for (const struct image *c = image->first_child; c; c = c->next_sibling)
		if (c->hop == HOP_EXEC && c->pid == image->pid)
			return c;
	return NULL;
}

const struct image *model_last_program(const struct image *image)
{
	for (const struct image *next; (next = find_exec(image));)
		image = next;
	return image;
}

bool model_is_fork_or_thread(const struct image *image)
{
	return image->hop == HOP_FORK || image->hop == HOP_THREAD;
}

const struct image *model_program(const struct image *image)
{
	while (image->parent && model_is_fork_or_thread(image))
		image = image->parent;
	return image;
}

uint64_t model_time_of(const struct image *image, uint64_t wall)
{
	const struct event *birth = image->birth;

	if (!birth || !birth->wall || wall < birth->wall)
		return 0;
	return birth->t + (wall - birth->wall) * 1000000;
}

uint64_t model_hop_time(const struct image *image)
{
	const struct event *by =
		image->handover ? image->handover : image->forked;

	return by ? by->t : image->born;
}

uint64_t model_wall(const struct image *image)
{
	while (image && !(image->birth && image->birth->wall))
		image = model_is_fork_or_thread(image) ? image->parent : NULL;
	return image ? image->birth->wall : 0;
}

uint64_t model_wall_at(const struct image *image, uint64_t t)
{
	while (image && !(image->birth && image->birth->wall))
		image = image->parent;
	if (!image || t < image->birth->t)
		return 0;
	return image->birth->wall + (t - image->birth->t) / 1000000;
}

const struct strs *model_arguments(const struct image *image)
{
	static const struct strs none = {NULL, 0};

	image = model_process(image);
	if (image->birth)
		return &image->birth->args;
	return image->handover ? &image->handover->args : &none;
}

struct str model_first_operand(const struct image *image)
{
	const struct strs *args = model_arguments(image);
	size_t i = 1;

	while (i < args->n && args->at[i].len && *args->at[i].at == '-')
		i++;
	return i < args->n ? args->at[i] : (struct str){NULL, 0};
}

bool model_is_evidence(const struct image *a, const struct image *b)
{
	return !a->run || !b->run || a->run == b->run || a->source != b->source;
}

/* The holders of the image's own run. */
static size_t holders_in_run(const struct variable *v,
			     const struct image *image)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_held_by; i++)
		n += (!v->held_by[i]->owner ||
		      v->held_by[i]->owner == image->owner) &&
		     model_is_evidence(v->held_by[i], image);
	return n;
}

size_t model_holders(const struct variable *v, const struct image *image)
{
	size_t n = 0;

	if (image->run)
		return holders_in_run(v, image);

	for (const struct owner_share *s = v->shares; s; s = s->next)
		if (!s->owner || s->owner == image->owner)
			n += s->holders;
	return n;
}

static struct str label_of(const struct image *image)
{
	while (image && !image->birth)
		image = image->parent;
	return image ? image->birth->label : STR("");
}

struct str model_origin(struct arena *a, const struct image *image)
{
	struct str user = STR(""), label = label_of(image);

	if (image->owner)
		user = arena_print(a, " of user %llu",
				   (unsigned long long)image->uid);
	return label.len ? arena_print(a, "%.*s in %.*s", STR_FMT(user),
				       STR_FMT(label))
			 : user;
}

bool model_bypasses_libc(const struct image *image)
{
	return image->birth && str_eq(image->birth->lang, STR("go"));
}
