#include "rules/judge.h"

/* A forked child that only went on to become the next image. */
static bool is_in_between(const struct image *image, const struct image *next,
			  const struct finding *f)
{
	return next && image->hop == HOP_FORK && next->hop == HOP_EXEC &&
	       image != f->culprit && image != f->victim;
}

static uint64_t moment(const struct image *image, const struct image *next,
		       const struct reading *r)
{
	if (next)
		return model_made(next);
	return r->event && image == r->image ? r->event->t : UINT64_MAX;
}

static bool is_decisive(const struct loss *l, const struct image *image)
{
	return l && l->kind == LOST_HANDED && l->value &&
	       (l->image == image || l->clearer == image);
}

static struct step step(const struct image *image, const struct image *next,
			const struct reading *r)
{
	const struct value *value = NULL;
	enum presence held;

	if (!image->observed)
		return (struct step){image, STATE_UNSEEN, {NULL, 0}};
	held = model_held(image, r->name, moment(image, next, r), &value);
	if (is_decisive(r->loss, image) && next) {
		held = PRESENT; /* what it had before it prepared the call */
		value = r->loss->value;
	}
	if (held == PRESENT)
		return (struct step){image, STATE_PRESENT, value->fp};
	return (struct step){
		image, held == ABSENT ? STATE_ABSENT : STATE_UNSEEN, {NULL, 0}};
}

static void mark_changes(struct step *steps, size_t n)
{
	struct str last = {NULL, 0};

	for (size_t i = 0; i < n; i++) {
		if (steps[i].state != STATE_PRESENT)
			continue;
		if (last.len && !str_eq(last, steps[i].fp))
			steps[i].state = STATE_CHANGED;
		last = steps[i].fp;
	}
}

void trace_path(struct arena *a, struct finding *f, const struct reading *r)
{
	size_t n = 0;

	for (const struct image *i = r->image; i; i = i->parent)
		n++;
	f->path = TAKE(a, struct step, n);
	f->n_path = n;
	for (const struct image *i = r->image, *next = NULL; i; i = i->parent) {
		if (is_in_between(i, next, f))
			continue;
		f->path[--n] = step(i, next, r);
		next = i;
	}
	f->path += n; /* what was passed over left room in front */
	f->n_path -= n;
	mark_changes(f->path, f->n_path);
}
