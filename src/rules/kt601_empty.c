#include "rules/rule.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/names/mapped_name.h"
#include "diagnosis/evidence/names/reference_line.h"
#include "diagnosis/evidence/origin.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/value_command.h"
#include "diagnosis/evidence/value_shape.h"
#include "diagnosis/evidence/value_source.h"
#include "model/place.h"
#include "model/process_name.h"

/* A value was there, and the empty value took its place. */
static bool had_value_before(const struct reading *r)
{
	struct origin from = find_origin(r);

	return from.before && !(from.before->is & KT_IS_EMPTY);
}

/* An empty value turns off what a client can do without. */
static bool may_be_meant(enum role role)
{
	return role == ROLE_OPTIONAL || role == ROLE_SETTING;
}

/* A line of an env file that the shell read before it started what leads to the
 * reader: NAME=$(command). */
static struct loaded_file find_expansion(const struct model *m,
					 const struct reading *r)
{
	struct origin from = find_origin(r);
	struct loaded_file none = {.by = NULL};

	if (!from.event || from.event->kind == KT_SET ||
	    !is_shell(from.image) || line_of_change(from.event, r->name).len)
		return none;
	return find_expansion_line(m, model_program(from.image), r->name,
				   from.event->t);
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	struct loaded_file file;

	if (r->outcome != READ_FOUND ||
	    !explain_by_shape(r, KT_IS_EMPTY, 0, ret))
		return false;
	ret->is_note_unless_given = may_be_meant(role_of(r->name));
	if (had_value_before(r))
		ret->loss = LOSS_SEEN;
	else if (find_holder_beside(m, r))
		ret->loss = LOSS_ELSEWHERE;
	if (!set_culprit_of_reference(m, r, ret) &&
	    (ret->loss != LOSS_SEEN || has_mapped_act(r)))
		set_mapping_culprit(m, r, ret);
	file = find_expansion(m, r);
	if (file.by)
		ret->culprit_site = site_of_file(m->arena, &file);
	return true;
}

/* A line of the run needs no hint at CI, where secrets are given to a job. */
static struct str fix_for(const struct model *m, const struct reading *r,
			  const struct finding *f)
{
	struct arena *a = m->arena;
	struct str text =
		arena_print(a, "give %.*s a value, or do not set it at all",
			    STR_FMT(r->name));
	struct str fix = fix_value(m, r, text);

	if (fix.at != text.at)
		return fix;
	if (!was_set_within_run(r))
		return arena_print(a,
				   "%.*s; in CI, look whether this job may see "
				   "the secret",
				   STR_FMT(fix));
	if (!has_line_of_culprit(f))
		return fix;
	return arena_print(
		a, "give %.*s a value at %.*s, or leave it out there",
		STR_FMT(r->name),
		STR_FMT(place_in_words(a, f->culprit, f->culprit_site)));
}

/* False: no line is known. */
static bool describe_expansion(const struct model *m, const struct reading *r,
			       struct finding *f)
{
	struct loaded_file file = find_expansion(m, r);

	if (!file.by)
		return false;
	say_culprit(m, r, f, "sets %.*s to an expansion that is empty",
		    STR_FMT(r->name));
	set_own_fix(m, f,
		    "look at the command or the variable in %.*s: a command "
		    "that fails or is not found gives nothing, and "
		    "`2>/dev/null` hides why",
		    STR_FMT(line_of_file(m->arena, file.by, &file)));
	return true;
}

/* --- NAME=$(command) in the script ----------------------------------------
 */

static struct str command_in_words(struct arena *a,
				   const struct value_command *c)
{
	struct str file = file_of_value_command(c);

	if (!c->is_program)
		return STR("the command");
	return file.len ? arena_print(a, "%.*s %.*s",
				      STR_FMT(str_base(c->image->exe)),
				      STR_FMT(file))
			: process_in_short(a, c->image);
}

static void set_fix_of_command(const struct model *m, struct finding *f,
			       const struct value_command *c)
{
	struct arena *a = m->arena;
	struct str place = place_in_words(a, f->culprit, f->culprit_site);
	struct str file = file_of_value_command(c);
	long long status = c->image->status;

	if (file.len)
		set_own_fix(m, f,
			    "look whether %.*s is there, under this name, and "
			    "readable: %.*s of it at %.*s ended with %lld",
			    STR_FMT(file), STR_FMT(str_base(c->image->exe)),
			    STR_FMT(place), status);
	else
		set_own_fix(m, f,
			    "look why %.*s of %.*s ended with %lld%s; with the "
			    "export on a line of its own, `|| exit` behind the "
			    "assignment stops the script there",
			    STR_FMT(command_in_words(a, c)), STR_FMT(place),
			    status,
			    status == 127    ? ", not found"
			    : !c->is_program ? ", perhaps for a file that is "
					       "not there"
					     : "");
}

/* The command that should have given the value failed. */
static void add_failed_command(const struct model *m, const struct reading *r,
			       struct finding *f)
{
	struct origin from = find_origin(r);
	struct value_command c = {.image = NULL};
	struct str detail;

	if (from.event && is_shell(from.image))
		c = find_failed_value_command(from.image, from.event, r->name);
	if (!c.image)
		return;
	detail = arena_print(m->arena,
			     "%.*s, whose output is the value, ended with %lld",
			     STR_FMT(command_in_words(m->arena, &c)),
			     (long long)c.image->status);
	f->detail = f->detail.len
			    ? arena_print(m->arena, "%.*s; %.*s",
					  STR_FMT(f->detail), STR_FMT(detail))
			    : detail;
	set_fix_of_command(m, f, &c);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (describe_reference(m, r, f))
		return;
	if ((!had_value_before(r) || has_mapped_act(r)) &&
	    describe_mapping(m, r, f))
		return;
	if (describe_expansion(m, r, f))
		return;
	say_value(m, r, f, STR("is empty"));
	f->fix = fix_for(m, r, f);
	add_failed_command(m, r, f);
}

const struct rule rule_kt601 = {"KT601", "empty",  LOSS_NOWHERE,
				10,	 explains, describe};
