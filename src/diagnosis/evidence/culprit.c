#include "diagnosis/evidence/culprit.h"

#include "runtimes/runtime.h"

/* True for the process between the two forks of daemon(), which only forks. */
static bool only_forked(const struct image *image)
{
	if (!image->first_child || image->first_child->next_sibling)
		return false;
	for (size_t i = 0; i < image->n_events; i++) {
		enum kt_event kind = image->events[i]->kind;

		if (kind != KT_BIRTH && kind != KT_FORK && kind != KT_EXIT)
			return false;
	}
	return true;
}

/* True for a forked child which only prepared its exec of `receiver`. */
static bool prepared_exec(const struct image *by, const struct image *receiver)
{
	return by->hop == HOP_FORK && by->parent && by != receiver &&
	       receiver->hop != HOP_THREAD && by->pid == receiver->pid;
}

static const struct image *responsible(const struct image *by,
				       const struct image *receiver)
{
	while (by != receiver && by->parent &&
	       runtime_of(by)->runs_parents_exec) {
		receiver = by;
		by = by->parent;
	}
	if (!prepared_exec(by, receiver))
		return by;
	by = by->parent;
	while (by->hop == HOP_FORK && by->parent && only_forked(by))
		by = by->parent;
	return by;
}

void set_culprit(struct finding *f, const struct image *by,
		 const struct event *event, const struct image *receiver)
{
	f->culprit = responsible(by, receiver);
	f->culprit_site = runtime_script(f->culprit);
	if (!event)
		return;
	if (by->handover && runtime_of(by)->runs_parents_exec)
		event = by->handover;
	f->operation = event->fn.len ? event->fn : STR("environ");
	f->culprit_event = event;
	if (!f->culprit_site.len || event_has_source_line(event))
		f->culprit_site = event_site(event);
}
