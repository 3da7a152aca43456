#include "diagnosis/evaluation.h"

#include "runtimes/runtime.h"

static bool lost_events(const struct image *image)
{
	for (size_t i = 0; i < image->n_events; i++)
		if (image->events[i]->kind == KT_LOST)
			return true;
	return false;
}

static enum gap gap_of(const struct image *image)
{
	if (!image->observed)
		return image->gap;
	if (lost_events(image))
		return GAP_LOST_EVENTS;
	if (model_bypasses_libc(image))
		return GAP_NO_TRACE;
	if (image->unseen_requests)
		return str_eq(image->unseen_requests->what, STR("http2"))
			       ? GAP_HTTP2
			       : GAP_TLS;
	return runtime_hides_threads(image) ? GAP_THREAD_ENV : GAP_NONE;
}

static void add_gap(struct report *r, const struct image *image, enum gap gap)
{
	if (gap != GAP_NONE)
		r->gaps[r->n_gaps++] = (struct coverage_gap){image, gap};
}

static uint64_t losses_of(const struct trace *t, unsigned owner)
{
	if (owner < t->n_owners)
		return t->owners[owner].lost;
	return owner ? 0 : t->lost;
}

/* When no image of an owner recorded a loss, the owner's first image stands for
 * the losses. */
static void add_losers(const struct model *m, const bool *names_loser,
		       struct report *r)
{
	for (unsigned owner = 0; owner <= m->trace->n_owners; owner++) {
		size_t i = 0;

		if (names_loser[owner] || !losses_of(m->trace, owner))
			continue;
		while (i < m->n_images && m->images[i]->owner != owner)
			i++;
		if (i < m->n_images)
			add_gap(r, m->images[i]->root, GAP_LOST_EVENTS);
	}
}

static void count_processes(struct arena *a, const struct model *m,
			    struct report *r)
{
	bool *has_gap = TAKE(a, bool, m->n_images + 1);

	for (size_t i = 0; i < m->n_images; i++)
		if (!m->images[i]->observed)
			has_gap[model_first_program(m->images[i])->index] =
				true;
	for (size_t i = 0; i < m->n_images; i++) {
		bool is_process = model_is_first_program(m->images[i]);

		r->processes += is_process;
		r->observed_processes += is_process && !has_gap[i];
	}
}

void list_gaps(struct arena *a, const struct model *m, struct report *r)
{
	unsigned owners = m->trace->n_owners;
	bool *names_loser = TAKE(a, bool, owners + 1);

	r->gaps = TAKE(a, struct coverage_gap, m->n_images + owners + 1);
	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *image = m->images[i];

		if (image->hop == HOP_THREAD)
			continue; /* counted with its process */
		r->images++;
		r->observed += image->observed;
		names_loser[image->owner] |=
			image->observed && lost_events(image);
		add_gap(r, image, gap_of(image));
	}
	count_processes(a, m, r);
	r->full = model_full(m, &r->full_wall);
	r->lost_events = m->trace->lost;
	r->broken_lines = m->trace->broken;
	add_losers(m, names_loser, r);
}
