#include "diagnosis/evaluation.h"

#include "diagnosis/evidence/holders.h"

/* True for a forked child which only went on to exec the next image. */
static bool is_between_fork_and_exec(const struct image *image,
				     const struct image *next,
				     const struct finding *f)
{
	return next && image->hop == HOP_FORK && next->hop == HOP_EXEC &&
	       image != f->culprit && image != f->victim;
}

/* The time at which the environment of `image` matters. */
static uint64_t time_of_interest(const struct image *image,
				 const struct image *next,
				 const struct reading *r)
{
	if (next)
		return model_hop_time(next);
	return r->event && image == r->image ? r->event->t : UINT64_MAX;
}

/* True for the image which lost the value: its step shows the value before the
 * loss. */
static bool lost_value(const struct loss *l, const struct image *image)
{
	return l && l->value && l->image != l->receiver &&
	       (l->image == image || l->clearer == image);
}

/* True for a reader that asked the environment without the value. */
static bool asked_copy(const struct reading *r, const struct image *image)
{
	return r->loss && r->loss->kind == LOST_BETWEEN_COPIES &&
	       image == r->image && image == r->loss->receiver;
}

static struct step without_value(const struct image *image, enum state state)
{
	return (struct step){.image = image, .state = state};
}

static struct step step_of(const struct image *image, const struct image *next,
			   const struct reading *r)
{
	const struct value *value = NULL;
	enum presence held;

	if (!image->observed)
		return without_value(image, STATE_UNSEEN);
	held = model_held(image, r->name, time_of_interest(image, next, r),
			  &value);
	if (asked_copy(r, image) || (r->replaced && image == r->image))
		return without_value(image, STATE_ABSENT);
	if (lost_value(r->loss, image)) {
		held = PRESENT;
		value = r->loss->value;
	}
	if (held == PRESENT && model_changes_folded(image, r->name))
		return without_value(image, STATE_PRESENT);
	if (held == PRESENT)
		return (struct step){image, STATE_PRESENT, value->fp,
				     value->is & KT_IS_EMPTY};
	return without_value(image,
			     held == ABSENT ? STATE_ABSENT : STATE_UNSEEN);
}

static bool differs(struct str fp, const struct image *image, struct str name,
		    struct str last)
{
	const struct value *born_with = NULL;

	model_inherited(image, name, &born_with);
	return (last.len && !str_eq(last, fp)) ||
	       (born_with && !str_eq(born_with->fp, fp));
}

/* The fingerprint of the step before, or nothing where both images record under
 * different keys. */
static struct str comparable_before(const struct step *last,
				    const struct step *step)
{
	if (last && are_comparable(last->image, step->image))
		return last->fp;
	return (struct str){NULL, 0};
}

static void mark_changes(struct step *steps, size_t n, struct str name)
{
	const struct step *last = NULL;

	for (size_t i = 0; i < n; i++) {
		struct step *step = &steps[i];

		if (step->state != STATE_PRESENT || !step->fp.len)
			continue;
		if (differs(step->fp, step->image, name,
			    comparable_before(last, step)))
			step->state = STATE_CHANGED;
		last = step;
	}
}

void build_value_path(struct arena *a, struct finding *f,
		      const struct reading *r)
{
	size_t n = 0;

	for (const struct image *i = r->image; i; i = i->parent)
		n++;
	f->path = TAKE(a, struct step, n);
	f->n_path = n;
	for (const struct image *i = r->image, *next = NULL; i; i = i->parent) {
		if (is_between_fork_and_exec(i, next, f))
			continue;
		f->path[--n] = step_of(i, next, r);
		next = i;
	}
	f->path += n; /* images passed over left room in front */
	f->n_path -= n;
	mark_changes(f->path, f->n_path, r->name);
}
