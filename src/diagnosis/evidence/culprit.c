#include "diagnosis/evidence/culprit.h"

#include "model/place.h"
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

static bool starts_a_command(const struct event *e)
{
	return e && e->command_site.len;
}

/* True for a tool, a package's program, and a shell that was given a text: none
 * has a file of its own in which a person could change a line. */
static bool has_no_lines(const struct image *image)
{
	return runtime_shell_text(image).len ||
	       runtime_packaged_program(image).len ||
	       (!runtime_interprets(image) &&
		!(image->observed && is_users_own(image)));
}

struct str line_of_launch(const struct image *image)
{
	if (!image->handover)
		return (struct str){NULL, 0};
	if (starts_a_command(image->handover))
		return image->handover->command_site;
	return own_line_of(image->handover);
}

struct str line_of_start(const struct image *first)
{
	size_t climbs = 8;

	for (const struct image *tool = first;
	     tool && climbs-- && has_no_lines(tool); tool = tool->parent) {
		if (tool != first && runtime_shell_text(tool).len)
			break; /* another command than the shell's own */
		if (line_of_launch(tool).len)
			return line_of_launch(tool);
		if (!tool->parent && starts_a_command(tool->birth))
			return tool->birth->command_site;
	}
	return (struct str){NULL, 0};
}

/* The script of the shell that started a tool, perhaps through other tools: in
 * a container, the file of the script is not here. len 0: not known. */
static struct str script_of_start(const struct image *first)
{
	const struct image *at = first;
	size_t climbs = 8;

	while (at && climbs-- && has_no_lines(at) &&
	       !runtime_shell_text(at).len)
		at = at->parent;
	return at && at != first ? runtime_script(at) : (struct str){NULL, 0};
}

struct str line_of_change(const struct event *e, struct str name)
{
	for (size_t i = 0; e && i < e->changed_lines.n; i++) {
		struct str line = e->changed_lines.at[i];

		if (line.len > name.len && line.at[name.len] == '=' &&
		    !memcmp(line.at, name.at, name.len))
			return (struct str){line.at + name.len + 1,
					    line.len - name.len - 1};
	}
	return (struct str){NULL, 0};
}

/* The line of what the culprit did. */
static struct str line_of_act(const struct finding *f)
{
	const struct event *e = f->culprit_event;
	struct str line = {NULL, 0};

	if (starts_a_command(e))
		return e->command_site;
	if (event_has_source_line(e)) {
		if (!own_line_of(e).len &&
		    runtime_packaged_program(f->culprit).len)
			line = line_of_start(f->culprit);
		return line.len ? line : event_site(e);
	}
	if (e->kind == KT_SWAP)
		line = line_of_change(e, f->variable);
	return line.len ? line : line_of_start(f->culprit);
}

/* A line of the program's source, where its launch told none. */
static bool take_line_of_go(struct finding *f, const struct image *by,
			    const struct image *receiver)
{
	struct str line = {NULL, 0};

	if ((!by->observed || model_bypasses_libc(by)) &&
	    receiver->parent == by && !receiver->handover && receiver->birth)
		line = line_of_change(receiver->birth, f->variable);
	if (line.len) {
		f->culprit = by;
		f->culprit_site = line;
	}
	return f->is_line_of_go = line.len;
}

void set_culprit(struct finding *f, const struct image *by,
		 const struct event *event, const struct image *receiver)
{
	struct str line;

	if (!event && take_line_of_go(f, by, receiver))
		return;
	f->culprit = responsible(by, receiver);
	f->culprit_site = runtime_script(f->culprit);
	if (!f->culprit_site.len)
		f->culprit_site = script_of_start(f->culprit);
	if (!event) {
		line = line_of_start(f->culprit);
		if (line.len && !runtime_script(f->culprit).len)
			f->culprit_site = line;
		return;
	}
	if (by->handover && runtime_of(by)->runs_parents_exec)
		event = by->handover;
	f->operation = event->fn.len ? event->fn : STR("environ");
	f->culprit_event = event;
	line = line_of_act(f);
	if (line.len)
		f->culprit_site = line;
	else if (!f->culprit_site.len)
		f->culprit_site = event_site(event);
}

bool set_culprit_of_loss(struct finding *f, const struct reading *r,
			 enum loss_kind kind)
{
	if (!r->loss || r->loss->kind != kind)
		return false;
	set_culprit(f, r->loss->image, r->loss->event, r->loss->receiver);
	f->confidence = CERTAIN;
	return true;
}
