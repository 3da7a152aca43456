#include "model/build.h"

/* Where a variable went missing, on the way from the root to the image that
 * lacks it. Answers are kept for every image passed: a thousand workers of one
 * launcher ask the same question. */
struct search {
	struct arena *arena;
	struct hashmap *known;
};

static struct loss *loss(struct arena *a, enum loss_kind kind,
			 struct image *image, struct image *beyond,
			 const struct event *event, const struct value *value)
{
	struct loss *l = TAKE(a, struct loss, 1);

	*l = (struct loss){.kind = kind,
			   .image = image,
			   .beyond = beyond,
			   .event = event,
			   .value = value};
	return l;
}

static struct loss *unseen(struct arena *a, struct image *image,
			   struct image *beyond)
{
	return loss(a, LOST_UNSEEN, image, beyond, NULL, NULL);
}

/* fork passes all on: what is missing in its child was taken away in between,
 * by something that we met only afterwards. */
static struct loss *at_fork(struct arena *a, struct image *beyond,
			    const struct value *value)
{
	return loss(a, LOST_CLEARED, beyond, beyond, beyond->birth, value);
}

static struct loss *at_thread(struct arena *a, struct image *beyond,
			      const struct value *value)
{
	return loss(a, LOST_THREAD, beyond->parent, beyond, beyond->birth,
		    value);
}

static struct loss *at_handover(struct arena *a, struct image *beyond,
				const struct value *value)
{
	return loss(a, LOST_HANDED, beyond->parent, beyond, beyond->handover,
		    value);
}

/* clearenv, then exec: the exec passed what had been made ready for it. bash
 * makes ready before it forks. */
static struct loss *made_ready(struct arena *a, struct image *beyond,
			       struct image *clearer,
			       const struct event *cleared,
			       const struct value *value)
{
	struct loss *l = at_handover(a, beyond, value);

	l->clearer = clearer;
	l->cleared = cleared;
	return l;
}

/* A forked child counts from what its parent had at that moment. */
static bool is_lent(const struct image *from, struct str name)
{
	return model_lent(from, name) ||
	       (from->hop == HOP_FORK && from->parent &&
		model_lent(from->parent, name));
}

/* What a thread forks is born with its process's environment, and passes on the
 * thread's. */
static bool thread_lacked(const struct image *forked, struct str name)
{
	const struct image *thread = forked->parent;
	const struct value *value;

	return forked->hop == HOP_FORK && thread && thread->hop == HOP_THREAD &&
	       model_held(thread, name, model_made(forked), &value) == ABSENT;
}

/* Was it lost between the parent of `beyond`, which lacks it, and `beyond`, or
 * before in that parent? Null: the parent never had it either. */
static struct loss *at_hop(struct arena *a, struct image *beyond,
			   struct str name)
{
	struct image *from = beyond->parent;
	const struct event *taken;
	const struct value *value = NULL;

	if (!from)
		return beyond->birth && !beyond->has_unseen_origin
			       ? loss(a, LOST_NEVER_HELD, beyond, beyond, NULL,
				      NULL)
			       : unseen(a, beyond, beyond);
	if (!from->birth)
		return model_handed(from, name, &value) == ABSENT
			       ? NULL
			       : unseen(a, from, beyond);
	if (beyond->hop != HOP_FORK && thread_lacked(from, name))
		return NULL;
	if (model_held(from, name, model_made(beyond), &value) == PRESENT)
		return beyond->hop == HOP_THREAD ? at_thread(a, beyond, value)
		       : beyond->hop == HOP_FORK
			       ? at_fork(a, beyond, value)
			       : at_handover(a, beyond, value);
	taken = model_removal(from, name, model_made(beyond), &value);
	if (taken && taken->kind == KT_UNSET)
		return loss(a, LOST_UNSET, from, beyond, taken, value);
	if (taken && model_is_part(beyond))
		return loss(a, LOST_CLEARED, from, beyond, taken, value);
	if (taken)
		return made_ready(a, beyond, from, taken, value);
	if (beyond->handover && !is_lent(from, name))
		value = values_find(&beyond->handover->lost, name);
	return value ? at_handover(a, beyond, value) : NULL;
}

/* The first below `at`, down to `image`, that is a program of its own. */
static struct image *first_handed(struct image *image, const struct image *at)
{
	struct image *first = NULL;

	for (; image != at; image = image->parent)
		if (!model_is_part(image))
			first = image;
	return first;
}

/* Keeps `why` for all above `image` up to, not including, `top`. The last of a
 * way is seldom passed again. */
static void keep(struct search *s, struct str name, struct image *image,
		 const struct image *top, struct loss *why)
{
	while (image != top) {
		image = image->parent;
		if (image != top)
			*hashmap_slot(s->known, image, name) = why;
	}
}

/* Why `image` was born without `name`. */
static struct loss *at_birth(struct search *s, struct image *image,
			     struct str name)
{
	struct image *at = image, *handed;
	struct loss *why;

	while (!(why = hashmap_find(s->known, at, name)) &&
	       !(why = at_hop(s->arena, at, name)))
		at = at->parent;
	*hashmap_slot(s->known, at, name) = why;
	handed = why->kind == LOST_CLEARED ? first_handed(image, at) : NULL;
	if (!handed) {
		keep(s, name, image, at, why);
		return why;
	}
	keep(s, name, handed, at, why);
	why = made_ready(s->arena, handed, why->image, why->event, why->value);
	*hashmap_slot(s->known, handed, name) = why;
	keep(s, name, image, handed, why);
	return why;
}

static const struct loss *why_missed(struct search *s, const struct reading *r)
{
	const struct event *taken;
	const struct value *value = NULL;
	struct image *image = r->image;

	taken = model_removal(image, r->name, r->event->t, &value);
	if (taken)
		return loss(s->arena,
			    taken->kind == KT_UNSET ? LOST_UNSET : LOST_CLEARED,
			    image, image, taken, value);
	if (model_held(image, r->name, r->event->t, &value) == PRESENT ||
	    model_handed(image, r->name, &value) != ABSENT)
		return unseen(s->arena, image, image);
	return at_birth(s, image, r->name);
}

/* The first set of `name` in `image` after `t`, or null. */
static const struct event *set_after(const struct image *image, struct str name,
				     uint64_t t)
{
	const struct event *set = NULL,
			   *e = model_change(image, name, UINT64_MAX);

	for (; e && e->t > t; e = model_change(image, name, e->t - 1))
		if (e->kind == KT_SET)
			set = e;
	return set;
}

static struct late late_for(struct image *reader, struct str name)
{
	for (struct image *at = reader; at->parent; at = at->parent) {
		const struct event *set =
			set_after(at->parent, name, model_made(at));

		if (set && !is_lent(at->parent, name))
			return (struct late){at->parent, at, set};
	}
	return (struct late){0};
}

void build_losses(struct build *b)
{
	struct search s = {b->arena, hashmap_new(b->arena)};

	for (size_t i = 0; i < b->model->n_readings; i++) {
		struct reading *r = &b->model->readings[i];

		if (r->outcome == READ_MISSED)
			r->loss = why_missed(&s, r);
		else if (r->outcome == READ_NONE && !r->value)
			r->loss = at_birth(&s, r->image, r->name);
		if (r->loss && r->loss->kind == LOST_NEVER_HELD)
			r->late = late_for(r->image, r->name);
	}
}
