#include "diagnosis/evidence/thread_set.h"

#include "diagnosis/evidence/holders.h"

enum { MOST_LOOKS = 4096 };

static const struct event *value_set(const struct image *image, struct str name)
{
	const struct event *last = model_last_change(image, name, UINT64_MAX);

	return last && last->kind == KT_SET &&
			       !(last->value.is & KT_IS_EMPTY) &&
			       !model_held_for_one_call(image, name)
		       ? last
		       : NULL;
}

static bool is_thread_beside(const struct image *thread,
			     const struct image *reader)
{
	return thread->hop == HOP_THREAD && thread->parent &&
	       is_ancestor(thread->parent, reader) &&
	       !is_ancestor(thread, reader);
}

const struct image *find_thread_set(const struct reading *r,
				    const struct event **ret_set)
{
	const struct variable *v = r->variable;

	*ret_set = NULL;
	if (!was_never_held(r))
		return NULL;
	for (size_t i = 0; i < v->n_held_by && i < MOST_LOOKS; i++) {
		if (!is_thread_beside(v->held_by[i], r->image))
			continue;
		*ret_set = value_set(v->held_by[i], r->name);
		if (*ret_set)
			return v->held_by[i];
	}
	return NULL;
}
