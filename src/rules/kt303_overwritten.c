#include "rules/rule.h"

#include "diagnosis/evidence/arguments.h"
#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/older_copy.h"
#include "diagnosis/evidence/origin.h"
#include "diagnosis/evidence/sentence.h"
#include "model/place.h"
#include "runtimes/runtime.h"

static const struct value *inherited_value(const struct image *child,
					   struct str name)
{
	const struct value *value = NULL;

	while (child->first_child && child->first_child->hop == HOP_EXEC)
		child = child->first_child;
	model_inherited(child, name, &value);
	return value;
}

/* A launcher may intend to give each worker its own key. The first few workers
 * tell. */
static bool is_per_worker(const struct image *launcher, const struct reading *r,
			  const struct value *before)
{
	size_t looks = 16;

	for (const struct image *c = launcher->first_child; c && looks--;
	     c = c->next_sibling) {
		const struct value *other = inherited_value(c, r->name);

		if (other && !(other->is & KT_IS_EMPTY) &&
		    !str_eq(other->fp, r->value->fp) &&
		    !str_eq(other->fp, before->fp))
			return true;
	}
	return false;
}

/* A command after the assignment got the older value: the shell gave the newer
 * value to a single command. */
static bool is_for_one_command(const struct origin *from,
			       const struct reading *r)
{
	const struct image *launcher = from->next->parent;

	while (launcher && launcher->hop == HOP_FORK && launcher->parent)
		launcher = launcher->parent;
	if (!launcher || runtime_of(launcher)->id != RUNTIME_SHELL)
		return false;
	for (const struct image *c = launcher->first_child; c;
	     c = c->next_sibling) {
		const struct value *other = inherited_value(c, r->name);

		if (model_hop_time(c) > model_hop_time(from->next) &&
		    model_process(c)->pid != r->image->pid && other &&
		    str_eq(other->fp, from->before->fp))
			return true;
	}
	return false;
}

/* The value with which the run began is no other value, whatever came between.
 */
static bool is_root_value(const struct reading *r)
{
	const struct value *held = NULL;

	return model_inherited(r->image->root, r->name, &held) == PRESENT &&
	       str_eq(held->fp, r->value->fp);
}

/* The reader of the value missed the name afterwards: the loss explains more.
 */
static bool missed_later(const struct reading *r)
{
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (o->outcome == READ_MISSED && str_eq(o->name, r->name) &&
		    o->event->t > r->found_by->t)
			return true;
	return false;
}

/* The program which resolved a reference put the value in its place. */
static bool is_resolved(const struct value *before)
{
	return before->is & (KT_IS_REFERENCE | KT_IS_UNEXPANDED);
}

static bool is_repair(const struct value *before, const struct value *after)
{
	return (model_is_malformed(before) && !is_resolved(before)) ||
	       (before->bare.len && str_eq(before->bare, after->fp));
}

static enum severity most_severe(const struct origin *from,
				 const struct reading *r,
				 const struct image *culprit)
{
	if (missed_later(r) || is_resolved(from->before) ||
	    is_per_worker(culprit, r, from->before))
		return NOTE;
	if (arguments_assign(culprit, r->name) || is_for_one_command(from, r))
		return WARNING;
	return FAULT;
}

/* export $(grep -v '^#' .env | xargs): a tool read the file for the shell. */
static struct loaded_file file_of_tool(const struct model *m,
				       const struct reading *r,
				       const struct image *shell,
				       uint64_t until)
{
	struct loaded_file file = {.by = NULL};

	if (!is_shell(shell))
		return file;
	for (size_t i = 0; i < m->n_images && !file.by; i++)
		if (m->images[i]->n_opens && is_ancestor(shell, m->images[i]))
			file = find_file_of_value(m, m->images[i], r->name,
						  until, r->value);
	return file;
}

/* The file that a loader read before it set the value; by null: none. */
static struct loaded_file file_of_value(const struct model *m,
					const struct reading *r)
{
	struct origin from = find_origin(r);
	const struct image *by = from.image;
	struct loaded_file file = {.by = NULL};

	if (!from.event)
		return file;
	file = find_file_of_value(m, by, r->name, from.event->t, r->value);
	for (; !file.by && is_shell(by) && by->hop == HOP_FORK && by->parent;
	     by = by->parent)
		file = find_file_of_value(m, by->parent, r->name,
					  model_hop_time(by), r->value);
	return file.by ? file : file_of_tool(m, r, by, from.event->t);
}

/* The line which reads the file, for a shell whose next command got the value.
 */
static void set_reading_line(struct finding *f, const struct loaded_file *file)
{
	if (!file->by || !is_shell(file->by) ||
	    !event_has_source_line(file->open))
		return;
	f->culprit_event = file->open;
	f->culprit_site = event_site(file->open);
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	struct loaded_file file;
	struct origin from;

	if (r->outcome != READ_FOUND || is_root_value(r) ||
	    is_asked_by_loaders(r))
		return false;
	from = find_origin(r);
	if (!from.before || str_eq(from.before->fp, r->value->fp) ||
	    is_repair(from.before, r->value) ||
	    !are_comparable(from.image, r->image))
		return false;
	set_culprit(ret, from.image, from.event, from.next);
	ret->severity = most_severe(&from, r, ret->culprit);
	ret->confidence = from.event ? CERTAIN : LIKELY;
	file = file_of_value(m, r);
	set_reading_line(ret, &file);
	return true;
}

/* Nothing tells which of the two values is right. */
static struct str fix_for(struct arena *a, const struct finding *f,
			  enum remedy remedy, struct str newer)
{
	struct str edit = runtime_remedy(a, f->culprit, remedy, f->variable);

	return arena_print(a,
			   "if the value of %.*s that was there before is "
			   "right, %.*s; if the new one was meant to be right, "
			   "correct it %.*s",
			   STR_FMT(f->variable), STR_FMT(edit), STR_FMT(newer));
}

static struct str place_of_newer(struct arena *a, const struct finding *f)
{
	if (!has_line_of_culprit(f))
		return STR("where it is set");
	return arena_print(a, "at %.*s", STR_FMT(place_of_culprit(a, f)));
}

static void describe_file(const struct model *m, const struct reading *r,
			  struct finding *f, const struct loaded_file *file)
{
	struct str line = line_of_file(m->arena, file->by, file);

	say_culprit(m, r, f, "loads %.*s over another value of %.*s",
		    STR_FMT(line), STR_FMT(r->name));
	f->detail = arena_print(
		m->arena, "%.*s has two values, and that of the file wins",
		STR_FMT(r->name));
	f->fix = fix_for(m->arena, f, REMEDY_LOADED_OVER,
			 arena_print(m->arena, "in %.*s", STR_FMT(line)));
	if (is_shell(f->culprit))
		set_own_fix(m, f,
			    "if the value of %.*s that was there before is "
			    "right, take the line out of %.*s; if the new one "
			    "was meant to be right, correct it there",
			    STR_FMT(r->name), STR_FMT(line));
}

/* False: the launch did not pass an older value of the culprit's own. */
static bool describe_older(const struct model *m, const struct reading *r,
			   struct finding *f)
{
	struct older_copy older = find_older_passed(f, r);
	struct str by, copied = {NULL, 0};

	if (!older.set)
		return false;
	by = place_in_words(m->arena, f->culprit, own_line_of(older.set));
	say_culprit(m, r, f,
		    "passes the %.*s of before %.*s, which set another",
		    STR_FMT(r->name), STR_FMT(by));
	if (older.copy)
		copied = arena_print(
			m->arena, ", in place of the copy that %.*s made",
			STR_FMT(place_in_words(m->arena, f->culprit,
					       own_line_of(older.copy))));
	set_own_fix(m, f, "pass the present environment%s%.*s%.*s",
		    has_line_of_culprit(f) ? " at " : "",
		    STR_FMT(has_line_of_culprit(f)
				    ? place_of_culprit(m->arena, f)
				    : STR("")),
		    STR_FMT(copied));
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct loaded_file file = file_of_value(m, r);

	if (file.by) {
		describe_file(m, r, f, &file);
		return;
	}
	if (describe_older(m, r, f))
		return;
	say_culprit(m, r, f, "gives %.*s another value", STR_FMT(r->name));
	f->fix = fix_for(m->arena, f, REMEDY_OVERWRITTEN,
			 place_of_newer(m->arena, f));
}

const struct rule rule_kt303 = {"KT303", "overwritten", LOSS_OVERWRITTEN,
				800,	 explains,	describe};
