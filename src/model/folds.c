#include "model/build.h"

/* The earlier count of the same events, or null. The recorder writes a new
 * `fold` event at powers of two: the last has the whole count. */
static struct folded *find_same(struct image *image, const struct event *e)
{
	struct folded *f = image->folded;

	while (f &&
	       !(str_eq(f->event->of, e->of) && f->event->found == e->found &&
		 str_eq(f->event->name, e->name) &&
		 str_eq(f->event->at, e->at) &&
		 str_eq(f->event->site, e->site)))
		f = f->next_here;
	return f;
}

void build_folds(struct build *b)
{
	struct folded **last = &b->model->folded, *f;

	for (size_t i = 0; i < b->trace->n; i++) {
		const struct event *e = &b->trace->events[i];
		struct image *image = b->event_image[i];

		if (e->kind != KT_FOLD || !image || !e->n)
			continue;
		f = find_same(image, e);
		if (!f) {
			f = TAKE(b->arena, struct folded, 1);
			f->image = image;
			f->next_here = image->folded;
			image->folded = f;
			*last = f;
			last = &f->next;
		}
		f->event = e;
	}
}

static bool is_read(const struct event *e)
{
	return str_eq(e->of, STR("read"));
}

static bool is_about(const struct event *e, struct str name)
{
	return !e->name.len || str_eq(e->name, name);
}

bool model_changes_folded(const struct image *image, struct str name)
{
	for (const struct folded *f = image->folded; f; f = f->next_here)
		if (!is_read(f->event) && is_about(f->event, name))
			return true;
	return false;
}

bool model_reads_folded(const struct model *m, struct str name)
{
	for (const struct folded *f = m->folded; f; f = f->next)
		if (is_read(f->event) && is_about(f->event, name))
			return true;
	return false;
}
