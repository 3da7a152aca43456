#include "diagnosis/evidence/culprit.h"

#include "runtimes/runtime.h"
#include "shared/source_owner.h"

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

static bool is_users_own(const struct image *program)
{
	return find_source_owner(program->exe.at, program->exe.len).owner ==
	       SOURCE_OWN;
}

/* The line of the user's own that started a tool, perhaps through other tools:
 * `env -u NAME node app.js` in a script. len 0: not known. */
static struct str line_of_start(const struct image *tool)
{
	size_t climbs = 8;

	for (; tool && climbs--; tool = tool->parent) {
		if (runtime_interprets(tool) ||
		    (tool->observed && is_users_own(tool)))
			break;
		if (tool->handover && event_has_source_line(tool->handover))
			return event_site(tool->handover);
	}
	return (struct str){NULL, 0};
}

void set_culprit(struct finding *f, const struct image *by,
		 const struct event *event, const struct image *receiver)
{
	f->culprit = responsible(by, receiver);
	f->culprit_site = runtime_script(f->culprit);
	if (!event) {
		if (!f->culprit_site.len)
			f->culprit_site = line_of_start(f->culprit);
		return;
	}
	if (by->handover && runtime_of(by)->runs_parents_exec)
		event = by->handover;
	f->operation = event->fn.len ? event->fn : STR("environ");
	f->culprit_event = event;
	if (!f->culprit_site.len || event_has_source_line(event))
		f->culprit_site = event_site(event);
	if (!event_has_source_line(event) && line_of_start(f->culprit).len)
		f->culprit_site = line_of_start(f->culprit);
}
