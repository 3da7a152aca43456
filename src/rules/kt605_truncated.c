#include "rules/rule.h"

#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/origin.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/value_shape.h"
#include "runtimes/runtime.h"
#include "trace/site.h"

/* True when the event brought a beginning of the value that stood there. */
static bool is_cut_by(const struct event *e, struct str name)
{
	if (!e)
		return false;
	if (e->kind == KT_SET)
		return e->is_cut;
	for (size_t i = 0; i < e->cut.n; i++)
		if (str_eq(e->cut.at[i], name))
			return true;
	return false;
}

static bool explain_cut(const struct reading *r, struct finding *ret)
{
	struct origin from;

	if (r->outcome != READ_FOUND)
		return false;
	from = find_origin(r);
	if (!is_cut_by(from.event, r->name))
		return false;
	set_culprit(ret, from.image, from.event, from.next);
	ret->confidence = CERTAIN;
	return true;
}

/* --- of a line in a file ----------------------------------------------------
 */

/* The loader reads less than the rest of the line, and no comment follows. */
static bool is_cut_by_loader(const struct file_variable *v, struct str fp)
{
	return v->whole.fp.len && v->whole.len > v->value.len && !v->comment &&
	       str_eq(v->value.fp, fp);
}

static bool is_cut_elsewhere(const struct file_variable *v, struct str fp)
{
	for (size_t i = 0; i < v->n_relations && !v->comment; i++)
		if (v->relations[i].is == KT_RELATION_PREFIX &&
		    str_eq(v->relations[i].fp, fp))
			return true;
	return false;
}

static bool is_cut_in_file(const struct reading *r, const struct loaded_file *f)
{
	return is_cut_by_loader(f->variable, r->value->fp) ||
	       is_cut_elsewhere(f->variable, r->value->fp);
}

/* The reader may have failed by a part of a key. */
static bool may_lack_rest(const struct reading *r,
			  const struct file_variable *v)
{
	return v->value.from.len &&
	       (model_failed(r->image) || !model_has_ended(r->image));
}

/* A file that another program read for the shell: export $(cat .env). Or that
 * nobody read, and which has the whole key. */
static struct loaded_file find_file_beside(const struct model *m,
					   const struct reading *r)
{
	for (size_t i = 0; i < m->n_env_files; i++) {
		const struct event *file = m->env_files[i];
		const struct file_variable *v = file_variable(file, r->name);

		if (v && file->source == r->image->source &&
		    (file->file->why == KT_FILE_OPENED ||
		     may_lack_rest(r, v)) &&
		    is_env_file(file) && is_cut_elsewhere(v, r->value->fp))
			return (struct loaded_file){.by = find_origin(r).image,
						    .file = file,
						    .variable = v};
	}
	return (struct loaded_file){.by = NULL};
}

static struct loaded_file find_cut_line(const struct model *m,
					const struct reading *r)
{
	struct loaded_file none = {.by = NULL}, f;

	if (!model_found_value(r))
		return none;
	f = find_loaded_file(m, r, is_cut_in_file);
	return f.by ? f : find_file_beside(m, r);
}

/* Nobody cut the value on the way from the file: it was there before a loader
 * kept it, or the file was never read. */
static bool is_independent(const struct reading *r, const struct loaded_file *f)
{
	const struct value *held;

	if (!f->open)
		return f->file->file->why != KT_FILE_OPENED;
	return !is_cut_by_loader(f->variable, r->value->fp) &&
	       model_held(f->by, r->name, f->open->t, &held) == PRESENT &&
	       str_eq(held->fp, r->value->fp);
}

static bool explain_file(const struct model *m, const struct reading *r,
			 struct finding *ret)
{
	struct loaded_file f = find_cut_line(m, r);
	struct origin from;

	if (!f.by)
		return false;
	from = find_origin(r);
	if (f.open && !is_independent(r, &f))
		set_opening_culprit(ret, f.by, f.open);
	else
		set_culprit(ret, from.image, from.event, from.next);
	ret->confidence = CERTAIN;
	return true;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	return explain_by_shape(r, KT_IS_PEM_CUT, 0, ret) ||
	       explain_file(m, r, ret) || explain_cut(r, ret);
}

/* A line of the program itself read the file, and cut the value by rules of its
 * own. */
static bool is_cut_by_own_loader(const struct reading *r,
				 const struct finding *f,
				 const struct loaded_file *file)
{
	return file->open && !user_of_loader(f, file->open) &&
	       !is_shell(file->by) &&
	       !is_cut_by_loader(file->variable, r->value->fp);
}

static bool is_make(const struct image *image)
{
	return runtime_of(image)->id == RUNTIME_MAKE;
}

/* A $ in the line stands for a variable which is not set. */
static void describe_dropped(const struct model *m, const struct reading *r,
			     struct finding *f, const struct loaded_file *file)
{
	struct arena *a = m->arena;
	struct str line = line_of_file(a, file->by, file);

	f->detail = STR("a $ in the line, and what follows it, stands for a "
			"variable that is not set: the file has more than "
			"what arrived");
	if (!is_make(file->by)) {
		say_culprit(m, r, f, "takes only a part of %.*s from %.*s",
			    STR_FMT(r->name), STR_FMT(line));
		set_own_fix(m, f, "quote the value in %.*s: %.*s='...'",
			    STR_FMT(line), STR_FMT(r->name));
		return;
	}
	f->culprit_site = line_of_assignment(a, file->file, r->name);
	say_culprit(m, r, f, "gives make only a part of %.*s",
		    STR_FMT(r->name));
	set_own_fix(m, f,
		    "write each $ in %.*s as $$: to make a $ and the letter "
		    "behind it are a variable",
		    STR_FMT(line));
}

/* `IFS='=' read NAME value`: the shell read the file line by line, and lost the
 * padding of a value in base64. */
static bool is_split_at_signs(const struct reading *r,
			      const struct loaded_file *file)
{
	enum { MOST_PADDING = 2 };
	const struct file_variable *v = file->variable;

	return file->open && is_shell(file->by) &&
	       !is_cut_by_loader(v, r->value->fp) &&
	       v->value.len > r->value->len &&
	       v->value.len - r->value->len <= MOST_PADDING;
}

/* -f2, and no range: -f2- */
static bool takes_single_field(struct str line)
{
	const char *end = line.at + line.len;
	const char *at = memmem(line.at, line.len, "-f", 2);

	for (at = at ? at + 2 : end; at < end && *at != ' '; at++)
		if (*at == '-')
			return false;
	return memmem(line.at, line.len, "-f", 2);
}

/* `cut -d= -f2` and `awk -F= '{print $2}'` end at the next `=`. */
static bool is_tool_of_fields(const struct image *image)
{
	struct str tool = str_base(image->exe), line = image->command;

	if (!memmem(line.at, line.len, "=", 1))
		return false;
	return str_eq(tool, STR("cut"))
		       ? takes_single_field(line)
		       : str_is_listed(tool, "awk gawk mawk") &&
				 memmem(line.at, line.len, "-F", 2);
}

/* Such a tool ran below the shell that gave the value. */
static bool is_cut_by_tool(const struct model *m, const struct reading *r,
			   const struct loaded_file *file)
{
	if (file->open || !is_shell(file->by) ||
	    is_cut_by_loader(file->variable, r->value->fp))
		return false;
	for (size_t i = 0; i < m->n_images; i++)
		if (is_tool_of_fields(m->images[i]) &&
		    is_ancestor(file->by, m->images[i]) &&
		    m->images[i]->born < r->image->born)
			return true;
	return false;
}

static void describe_file(const struct model *m, const struct reading *r,
			  struct finding *f, const struct loaded_file *file)
{
	struct str line = line_of_file(m->arena, file->by, file);

	if (file->variable->dropped) {
		describe_dropped(m, r, f, file);
		return;
	}
	if (file->file && runtime_interprets(file->by) && !is_shell(file->by) &&
	    !has_line_of_culprit(f)) {
		f->culprit_site =
			line_of_assignment(m->arena, file->file, r->name);
		say_culprit(m, r, f, "gives %.*s only the beginning of %.*s",
			    STR_FMT(str_base(file->by->exe)), STR_FMT(r->name));
	} else {
		say_culprit(m, r, f,
			    "takes only the beginning of %.*s from %.*s",
			    STR_FMT(r->name), STR_FMT(line));
	}
	if (is_cut_by_own_loader(r, f, file))
		f->fix = arena_print(
			m->arena,
			"mend the program's own loader, which should take the "
			"whole value of %.*s, all that follows the first `=`: "
			"it may split at every `=`, or end at a blank or a #",
			STR_FMT(r->name));
	else if (is_cut_by_tool(m, r, file))
		f->fix = arena_print(
			m->arena,
			"take all that follows the first `=` of %.*s: `cut -d= "
			"-f2-`, or `sed -n 's/^%.*s=//p'`: `cut -d= -f2` and "
			"`awk -F=` end at the next `=`",
			STR_FMT(line), STR_FMT(r->name));
	else if (is_split_at_signs(r, file))
		f->fix = arena_print(
			m->arena,
			"take all that follows the first `=`: `${line#*=}` or "
			"`cut -d= -f2-`, as `IFS='=' read` and `cut -d= -f2` "
			"lose a `=` of the value; or read %.*s by `set -a; . "
			"FILE; set +a`",
			STR_FMT(site_file(line)));
	else
		f->fix = arena_print(
			m->arena,
			"quote the value in %.*s: %.*s='...'; without "
			"quotes a # or a $ or a blank ends it",
			STR_FMT(line), STR_FMT(r->name));
}

static void describe_other_line(const struct model *m, const struct reading *r,
				struct finding *f,
				const struct loaded_file *file)
{
	const struct image *near = file->by ? file->by : r->image;
	struct str line = line_of_file(m->arena, near, file);

	say_value(m, r, f,
		  arena_print(m->arena,
			      "is only the beginning of the one in %.*s",
			      STR_FMT(line)));
	set_own_fix(
		m, f,
		"set %.*s to the whole value of %.*s: a part of it was copied",
		STR_FMT(r->name), STR_FMT(line));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct loaded_file file = find_cut_line(m, r);

	if (r->value->is & KT_IS_PEM_CUT)
		describe_shape(
			m, r, f, "is a key in PEM whose end is missing",
			"quote the value where it is set, so that all of "
			"its lines belong to it; a file for docker "
			"--env-file has one line for each name: write it "
			"as base64");
	else if (file.by && is_independent(r, &file))
		describe_other_line(m, r, f, &file);
	else if (file.by)
		describe_file(m, r, f, &file);
	else
		describe_shape(m, r, f,
			       "is only the beginning of the value that was "
			       "there",
			       "pass the whole value on: a shell and a loader "
			       "of env files stop at a blank, a # or a $ "
			       "without quotes, and `cut`, a slice or a column "
			       "of a table at a length");
}

const struct rule rule_kt605 = {"KT605", "truncated", LOSS_MALFORMED,
				45,	 explains,    describe};
