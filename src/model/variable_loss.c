#include "model/build.h"

/* Finds where a variable was lost, between the root and the image without the
 * variable. Answers are kept for every image on the way: a thousand workers of
 * one launcher have the same answer. */
struct loss_search {
	struct arena *arena;
	struct hashmap *known;
};

static struct loss *new_loss(struct arena *a, enum loss_kind kind,
			     struct image *image, struct image *receiver,
			     const struct event *event,
			     const struct value *value)
{
	struct loss *l = TAKE(a, struct loss, 1);

	*l = (struct loss){.kind = kind,
			   .image = image,
			   .receiver = receiver,
			   .event = event,
			   .value = value};
	return l;
}

static struct loss *unseen(struct arena *a, struct image *image,
			   struct image *receiver)
{
	return new_loss(a, LOST_UNSEEN, image, receiver, NULL, NULL);
}

/* fork passes all variables on: a variable missing in the child was removed in
 * between, by a call which no hook saw. */
static struct loss *at_fork(struct arena *a, struct image *receiver,
			    const struct value *value)
{
	return new_loss(a, LOST_CLEARED, receiver, receiver, receiver->birth,
			value);
}

static struct loss *at_thread(struct arena *a, struct image *receiver,
			      const struct value *value)
{
	return new_loss(a, LOST_THREAD, receiver->parent, receiver,
			receiver->birth, value);
}

static struct loss *at_handover(struct arena *a, struct image *receiver,
				const struct value *value)
{
	return new_loss(a, LOST_AT_HANDOVER, receiver->parent, receiver,
			receiver->handover, value);
}

/* A handover whose environment was cleared before: clearenv, then exec. bash
 * clears before it forks. */
static struct loss *prepared_before_exec(struct arena *a,
					 struct image *receiver,
					 struct image *clearer,
					 const struct event *cleared,
					 const struct value *value)
{
	struct loss *l = at_handover(a, receiver, value);

	l->clearer = clearer;
	l->cleared = cleared;
	return l;
}

/* A launch looks for differences after the time of its event, and before the
 * program begins. */
static uint64_t differs_until(const struct image *receiver)
{
	return receiver->birth ? receiver->birth->t : model_hop_time(receiver);
}

/* How many of the names that a launch left out the caller itself held no
 * longer.
 */
static size_t count_removed(const struct image *receiver)
{
	const struct values *lost = &receiver->handover->lost;
	const struct value *value;
	size_t n = 0;

	for (size_t i = 0; i < lost->n; i++)
		n += model_held(receiver->parent, lost->at[i].name,
				model_hop_time(receiver), &value) == ABSENT;
	return n;
}

/* True when an exec or spawn passed all that the caller held before, perhaps
 * with additions, or all that stands in the language's copy, too. */
static bool passes_whole(struct image *receiver)
{
	const struct event *handover = receiver->handover, *differ;
	uint64_t absent;

	if (!handover || !(handover->same || handover->held || !handover->vars))
		return false;
	differ = last_differ(receiver->parent, differs_until(receiver));
	absent = (differ ? differ->dropped : 0) + count_removed(receiver);
	return handover->dropped <= absent;
}

/* libc's environment held it, and the language's copy was passed on. */
static struct loss *at_passed_copy(struct arena *a, struct image *receiver,
				   struct str name, const struct value *value)
{
	struct image *setter;
	const struct event *set =
		passes_whole(receiver)
			? set_past_copy(receiver->parent, name,
					model_hop_time(receiver), &setter)
			: NULL;

	return set ? new_loss(a, LOST_BETWEEN_COPIES, setter, receiver, set,
			      value)
		   : NULL;
}

/* The language's own environment held it, and libc's was passed on. A thread
 * may have been given an environment of its own instead. */
static struct loss *at_passed_environ(struct arena *a, struct image *receiver,
				      struct str name)
{
	struct image *from = receiver->parent;
	const struct value *value;
	const struct event *differ =
		receiver->hop == HOP_FORK
			? NULL
			: held_in_copy_alone(from, name,
					     differs_until(receiver), &value);
	bool is_thread = receiver->hop == HOP_THREAD;

	if (!differ)
		return NULL;
	if (is_thread ? str_eq(receiver->birth->site, differ->site)
		      : passes_whole(receiver))
		return new_loss(a, LOST_BETWEEN_COPIES, from, receiver, differ,
				value);
	return is_thread ? at_thread(a, receiver, value)
			 : at_handover(a, receiver, value);
}

/* libc's environment held it, and the program asked the language's copy. */
static struct loss *at_read_of_copy(struct arena *a, const struct reading *r,
				    const struct value *value)
{
	struct image *setter;
	const struct event *set;

	if (!r->event->has_environment ||
	    r->event->environment != KT_ENVIRONMENT_COPY)
		return NULL;
	set = set_past_copy(r->image, r->name, r->event->t, &setter);
	return set ? new_loss(a, LOST_BETWEEN_COPIES, setter, r->image, set,
			      value)
		   : NULL;
}

/* The language's own environment held it, and the program asked libc's. */
static struct loss *at_read_of_environ(struct arena *a, const struct reading *r)
{
	const struct value *value;
	const struct event *differ =
		held_in_copy_alone(r->image, r->name, r->event->t, &value);

	return differ ? new_loss(a, LOST_BETWEEN_COPIES, r->image, r->image,
				 differ, value)
		      : NULL;
}

/* True also for a forked child, when its parent held the name for one call at
 * the fork. */
static bool is_for_one_call(const struct image *from, struct str name)
{
	return model_held_for_one_call(from, name) ||
	       (from->hop == HOP_FORK && from->parent &&
		model_held_for_one_call(from->parent, name));
}

/* A process forked by a thread is born with the environment of the thread's
 * process, but passes on the thread's environment. */
static bool thread_lacked(const struct image *forked, struct str name)
{
	const struct image *thread = forked->parent;
	const struct value *value;

	return forked->hop == HOP_FORK && thread && thread->hop == HOP_THREAD &&
	       model_held(thread, name, model_hop_time(forked), &value) ==
		       ABSENT;
}

/* True for a removal from the language's own environment, too. */
static bool is_of_both(const struct event *removal)
{
	return removal->has_environment &&
	       removal->environment == KT_ENVIRONMENT_BOTH;
}

/* The parent held the variable, and `receiver` does not. */
static struct loss *at_present(struct arena *a, struct image *receiver,
			       struct str name, const struct value *value)
{
	struct loss *between;

	if (receiver->hop == HOP_THREAD)
		return at_thread(a, receiver, value);
	if (receiver->hop == HOP_FORK)
		return at_fork(a, receiver, value);
	between = at_passed_copy(a, receiver, name, value);
	return between ? between : at_handover(a, receiver, value);
}

/* The loss between the parent of `receiver` and `receiver`, which lacks the
 * variable; or a removal in the parent before. Null: the parent never had the
 * variable. */
static struct loss *at_hop(struct arena *a, struct image *receiver,
			   struct str name)
{
	struct image *from = receiver->parent;
	const struct event *taken;
	const struct value *value = NULL;
	struct loss *between;

	if (!from)
		return receiver->birth && !receiver->has_unseen_origin
			       ? new_loss(a, LOST_NEVER_HELD, receiver,
					  receiver, NULL, NULL)
			       : unseen(a, receiver, receiver);
	if (!from->birth)
		return model_inherited(from, name, &value) == ABSENT
			       ? NULL
			       : unseen(a, from, receiver);
	if (receiver->hop != HOP_FORK && thread_lacked(from, name))
		return NULL;
	if (model_held(from, name, model_hop_time(receiver), &value) == PRESENT)
		return at_present(a, receiver, name, value);
	taken = model_last_removal(from, name, model_hop_time(receiver),
				   &value);
	between = taken && !is_of_both(taken)
			  ? NULL
			  : at_passed_environ(a, receiver, name);
	if (between)
		return between;
	if (taken && taken->kind == KT_UNSET)
		return new_loss(a, LOST_UNSET, from, receiver, taken, value);
	if (taken && model_is_fork_or_thread(receiver))
		return new_loss(a, LOST_CLEARED, from, receiver, taken, value);
	if (taken)
		return prepared_before_exec(a, receiver, from, taken, value);
	if (receiver->handover && !is_for_one_call(from, name))
		value = find_value(&receiver->handover->lost, name);
	return value ? at_handover(a, receiver, value) : NULL;
}

/* The first program, from `at` down to `image`, made by an exec or spawn. */
static struct image *first_program(struct image *image, const struct image *at)
{
	struct image *first = NULL;

	for (; image != at; image = image->parent)
		if (!model_is_fork_or_thread(image))
			first = image;
	return first;
}

/* Keeps `why` for all above `image` up to, not including, `top`. The last of a
 * way is seldom passed again. */
static void remember(struct loss_search *s, struct str name,
		     struct image *image, const struct image *top,
		     struct loss *why)
{
	while (image != top) {
		image = image->parent;
		if (image != top)
			*hashmap_slot(s->known, image, name) = why;
	}
}

/* Why `image` was born without `name`. */
static struct loss *explain_birth_without(struct loss_search *s,
					  struct image *image, struct str name)
{
	struct image *at = image, *handed;
	struct loss *why;

	while (!(why = hashmap_find(s->known, at, name)) &&
	       !(why = at_hop(s->arena, at, name)))
		at = at->parent;
	*hashmap_slot(s->known, at, name) = why;
	handed = why->kind == LOST_CLEARED ? first_program(image, at) : NULL;
	if (!handed) {
		remember(s, name, image, at, why);
		return why;
	}
	remember(s, name, handed, at, why);
	why = prepared_before_exec(s->arena, handed, why->image, why->event,
				   why->value);
	*hashmap_slot(s->known, handed, name) = why;
	remember(s, name, image, handed, why);
	return why;
}

/* One place of the program set the name, which nobody had set before, and took
 * it back: a `with` statement, a mock. The name counts as never set. */
static bool is_taken_back(const struct image *image, struct str name,
			  const struct event *taken)
{
	const struct event *set =
		taken->t ? model_last_change(image, name, taken->t - 1) : NULL;
	const struct value *before;

	return taken->kind == KT_UNSET && set && set->kind == KT_SET &&
	       event_has_source_line(set) && str_eq(set->site, taken->site) &&
	       str_eq(set->in, taken->in) && set->t &&
	       model_held(image, name, set->t - 1, &before) == ABSENT;
}

static const struct loss *explain_miss(struct loss_search *s,
				       const struct reading *r)
{
	const struct event *taken;
	const struct value *value = NULL;
	struct image *image = r->image;
	struct loss *between;

	taken = model_last_removal(image, r->name, r->event->t, &value);
	if (taken && !is_taken_back(image, r->name, taken))
		return new_loss(s->arena,
				taken->kind == KT_UNSET ? LOST_UNSET
							: LOST_CLEARED,
				image, image, taken, value);
	value = NULL;
	model_held(image, r->name, r->event->t, &value);
	between = value ? at_read_of_copy(s->arena, r, value) : NULL;
	if (between)
		return between;
	if (value || model_inherited(image, r->name, &value) != ABSENT)
		return unseen(s->arena, image, image);
	between = at_read_of_environ(s->arena, r);
	return between ? between : explain_birth_without(s, image, r->name);
}

const struct loss *model_explain_miss(struct arena *a, const struct reading *r)
{
	struct loss_search s = {a, hashmap_new(a)};

	return r->event ? explain_miss(&s, r)
			: explain_birth_without(&s, r->image, r->name);
}

/* The first set of `name` in `image` after `t`, or null. */
static const struct event *set_after(const struct image *image, struct str name,
				     uint64_t t)
{
	const struct event *set = NULL,
			   *e = model_last_change(image, name, UINT64_MAX);

	for (; e && e->t > t; e = model_last_change(image, name, e->t - 1))
		if (e->kind == KT_SET)
			set = e;
	return set;
}

static struct late_set find_late_set(struct image *reader, struct str name)
{
	for (struct image *at = reader; at->parent; at = at->parent) {
		const struct event *set =
			set_after(at->parent, name, model_hop_time(at));

		if (set && !is_for_one_call(at->parent, name))
			return (struct late_set){at->parent, at, set};
	}
	return (struct late_set){0};
}

void build_losses(struct build *b)
{
	struct loss_search s = {b->arena, hashmap_new(b->arena)};

	for (size_t i = 0; i < b->model->n_readings; i++) {
		struct reading *r = &b->model->readings[i];

		if (r->outcome == READ_MISSED)
			r->loss = explain_miss(&s, r);
		else if (r->outcome == READ_NONE && !r->value)
			r->loss = explain_birth_without(&s, r->image, r->name);
		if (r->loss && r->loss->kind == LOST_NEVER_HELD)
			r->late_set = find_late_set(r->image, r->name);
	}
}
