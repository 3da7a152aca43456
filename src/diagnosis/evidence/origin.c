#include "diagnosis/evidence/origin.h"

static bool equal(const struct value *a, const struct value *b)
{
	return a && b && str_eq(a->fp, b->fp);
}

/* The time at which the environment of `from` decides about `next`. A forked
 * child points environ at the new environment just before its exec: such a swap
 * is part of the exec, and the time is before the swap. */
static uint64_t handover_time(const struct image *from,
			      const struct image *next, struct str name)
{
	uint64_t t = model_hop_time(next);
	const struct event *change = model_last_change(from, name, t);

	if (change && change->kind == KT_SWAP && change->t && next->handover &&
	    from->hop == HOP_FORK && from->pid == next->pid)
		return change->t - 1;
	return t;
}

static const struct value *held_at(const struct image *image, struct str name,
				   uint64_t t)
{
	const struct value *value = NULL;

	if (image->observed)
		model_held(image, name, t, &value);
	else
		model_inherited(image, name, &value);
	return value;
}

/* The event before `t` that gave `image` the value `wanted`; null when `image`
 * was born with the value. A set of an equal value is no change. */
static const struct event *brought_in(const struct image *image,
				      struct str name, uint64_t t,
				      const struct value *wanted,
				      const struct value **ret_before)
{
	for (;;) {
		const struct event *change = model_last_change(image, name, t);

		if (!change || !equal(held_at(image, name, t), wanted))
			return NULL;
		*ret_before = NULL;
		if (change->t)
			*ret_before = held_at(image, name, change->t - 1);
		if (!equal(*ret_before, wanted))
			return change;
		t = change->t - 1;
	}
}

struct origin find_origin_of(const struct image *image, struct str name,
			     const struct value *value, uint64_t t)
{
	const struct image *at = image, *next = at;

	for (;; next = at, at = at->parent) {
		const struct value *before = NULL;
		const struct event *change;

		change = brought_in(at, name, t, value, &before);
		if (change)
			return (struct origin){at, next, change, before};
		if (!at->parent || model_changes_folded(at, name))
			return (struct origin){at, next, NULL, NULL};
		t = handover_time(at->parent, at, name);
		before = held_at(at->parent, name, t);
		if (!equal(before, value) &&
		    model_changes_folded(at->parent, name))
			return (struct origin){at->parent, at, NULL, NULL};
		if (!equal(before, value))
			return (struct origin){at->parent, at,
					       at->hop == HOP_THREAD
						       ? at->birth
						       : at->handover,
					       before};
	}
}

struct origin find_origin(const struct reading *r)
{
	return find_origin_of(r->image, r->name, r->value,
			      r->found_by ? r->found_by->t : UINT64_MAX);
}
