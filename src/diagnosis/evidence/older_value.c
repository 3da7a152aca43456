#include "diagnosis/evidence/older_value.h"

#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/origin.h"
#include "diagnosis/evidence/requests/reader_requests.h"

enum { MOST_CLIMBS = 64, MOST_LOOKS = 4096 };

bool is_newer_value(const struct reading *r, const struct value *newer)
{
	return is_other_value(newer, r->value) &&
	       model_first_seen(r->variable, newer->fp) >
		       model_first_seen(r->variable, r->value->fp);
}

enum confidence confidence_by_requests(const struct reading *r)
{
	const struct variable *v = r->variable;

	if (!find_refusal(r))
		return LIKELY;
	for (size_t i = 0; i < v->n_readings && i < MOST_LOOKS; i++)
		if (v->readings[i]->value &&
		    model_is_evidence(v->readings[i]->image, r->image) &&
		    is_newer_value(r, v->readings[i]->value) &&
		    was_accepted(v->readings[i]))
			return CERTAIN;
	return LIKELY;
}

static bool is_change_after(const struct reading *r,
			    const struct image *changer, uint64_t started,
			    const struct event *change, uint64_t t)
{
	const struct value *before, *after;

	return change && change->t > started &&
	       model_held(changer, r->name, started, &before) == PRESENT &&
	       str_eq(before->fp, r->value->fp) &&
	       model_held(changer, r->name, t, &after) == PRESENT &&
	       is_newer_value(r, after);
}

struct passed_change find_passed_change(const struct reading *r, uint64_t t)
{
	size_t climbs = MOST_CLIMBS;
	const struct image *started = r->image;

	for (const struct image *at = r->image; at->parent && climbs--;
	     at = at->parent) {
		const struct image *up = at->parent;
		const struct event *change = model_last_change(up, r->name, t);

		if (at->pid != started->pid)
			started = at;
		if ((at->pid != up->pid || at->hop == HOP_THREAD) &&
		    !model_changes_folded(up, r->name) &&
		    is_change_after(r, up, model_hop_time(at), change, t))
			return (struct passed_change){up, started, change};
	}
	return (struct passed_change){NULL, NULL, NULL};
}

/* --- a file that was changed since -----------------------------------------
 */

/* The file was opened again after the change: the value is not from there. */
static bool is_read_again(const struct image *image, const struct event *open,
			  uint64_t changed, uint64_t until)
{
	for (size_t i = image->n_opens; i--;) {
		const struct event *e = image->opens[i];

		if (e->t > changed && e->t <= until && !e->write &&
		    str_eq(e->path, open->path))
			return true;
	}
	return false;
}

/* The last file that `image` opened until then, which was changed afterwards
 * and has another value; by null: none, or a file has the value. */
static struct loaded_file find_changed(const struct model *m,
				       const struct reading *r,
				       const struct image *image,
				       uint64_t until)
{
	const struct loaded_file none = {.by = NULL};
	struct loaded_file found = none;

	for (size_t i = image->n_opens; i--;) {
		struct loaded_file f =
			file_of_open(m, image, image->opens[i], r->name);
		uint64_t changed;

		if (!f.by || f.open->t > until || !is_env_file(f.file))
			continue;
		if (!is_other_value(&f.variable->value, r->value))
			return none;
		changed = model_time_of(image, f.file->changed);
		if (!found.by && changed > f.open->t &&
		    !is_read_again(image, f.open, changed, until))
			found = f;
	}
	return found;
}

static const struct image *shell_of(const struct image *image)
{
	while (is_shell(image) && image->hop == HOP_FORK && image->parent)
		image = image->parent;
	return image;
}

/* A tool that read the file for the shell: export $(cat .env). */
static struct loaded_file find_changed_by_tool(const struct model *m,
					       const struct reading *r,
					       const struct image *shell,
					       uint64_t until)
{
	struct loaded_file found = {.by = NULL};

	for (size_t i = 0; i < m->n_images && !found.by; i++) {
		const struct image *tool = m->images[i];

		if (is_reader_of_text(tool) && tool->ended &&
		    tool->ended <= until && is_ancestor(shell, tool))
			found = find_changed(m, r, tool, until);
	}
	return found;
}

static const struct value *value_given_to(const struct image *child,
					  struct str name)
{
	const struct value *held = NULL;

	while (child->first_child && child->first_child->hop == HOP_EXEC)
		child = child->first_child;
	model_inherited(child, name, &held);
	return held;
}

/* A launcher may give each program a value of its own: a value neither of the
 * reader nor of the file. */
static bool gives_values_of_its_own(const struct image *launcher,
				    const struct reading *r,
				    const struct loaded_file *f)
{
	size_t looks = MOST_LOOKS;

	for (const struct image *c = launcher->first_child; c && looks--;
	     c = c->next_sibling) {
		const struct value *given = value_given_to(c, r->name);

		if (given && is_other_value(given, r->value) &&
		    is_other_value(given, &f->variable->value))
			return true;
	}
	return false;
}

/* What was passed on may come from a file: a shell holds what it read outside
 * its environment; any other program held no value. */
static bool may_pass_on_from_file(const struct origin *from)
{
	if (!from->event || from->event->kind == KT_SET)
		return from->event;
	return is_shell(from->image) || !from->before;
}

struct loaded_file find_changed_file(const struct model *m,
				     const struct reading *r,
				     uint64_t *ret_changed)
{
	const struct loaded_file none = {.by = NULL};
	struct loaded_file found;
	struct origin from = find_origin(r);
	const struct image *by = shell_of(from.image);

	if (!may_pass_on_from_file(&from))
		return none;
	found = find_changed(m, r, by, from.event->t);
	if (!found.by && is_shell(by))
		found = find_changed_by_tool(m, r, by, from.event->t);
	if (!found.by || (from.event->kind != KT_SET &&
			  gives_values_of_its_own(by, r, &found)))
		return none;
	*ret_changed = model_time_of(by, found.file->changed);
	found.by = by;
	return found;
}

/* --- a file with another value ------------------------------------------
 */

/* The value of the line, or a part of it, or the same in other dress. */
static bool is_like(const struct file_variable *v, const struct value *value)
{
	if (!is_other_value(&v->value, value) || str_eq(v->whole.fp, value->fp))
		return true;
	for (size_t i = 0; i < v->n_relations; i++)
		if (str_eq(v->relations[i].fp, value->fp))
			return v->relations[i].is != KT_RELATION_OTHER;
	return false;
}

struct loaded_file find_unlike_file(const struct model *m,
				    const struct reading *r)
{
	const struct loaded_file none = {.by = NULL};
	struct loaded_file found = none;
	struct origin from = find_origin(r);
	const struct image *by = shell_of(from.image);

	if (!may_pass_on_from_file(&from))
		return none;
	for (size_t i = by->n_opens; i--;) {
		struct loaded_file f =
			file_of_open(m, by, by->opens[i], r->name);

		if (!f.by || f.open->t > from.event->t || !is_env_file(f.file))
			continue;
		/* A shell reads one file over another. */
		if (is_shell(by) && is_like(f.variable, r->value))
			continue;
		if (is_like(f.variable, r->value) ||
		    model_is_malformed(&f.variable->value) ||
		    is_changed_since(by, f.file, f.open->t))
			return none;
		if (!found.by)
			found = f;
	}
	return found;
}

uint64_t start_of_process(const struct image *image)
{
	while (image->hop == HOP_EXEC && image->parent &&
	       image->parent->pid == image->pid)
		image = image->parent;
	return model_hop_time(image);
}
