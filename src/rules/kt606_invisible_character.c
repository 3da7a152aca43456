#include "rules/rule.h"

#include "diagnosis/evidence/ancestors.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/names/held_name.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/value_shape.h"
#include "diagnosis/evidence/sentence.h"

/* --- in the name ------------------------------------------------------------
 */

static bool is_visible(char c)
{
	return c > ' ' && c < 0x7f;
}

/* `name` is the missing name and at least one character that cannot be seen. */
static bool is_with_invisible(const struct reading *r,
			      const struct named_value *held)
{
	size_t n = 0;

	for (size_t i = 0; i < held->name.len; i++) {
		if (!is_visible(held->name.at[i]))
			continue;
		if (n == r->name.len || held->name.at[i] != r->name.at[n++])
			return false;
	}
	return n == r->name.len && held->name.len > n;
}

/* The variable of the file with such a name, or null. */
static const struct file_variable *spoilt_variable(const struct event *file,
						   const struct reading *r)
{
	for (size_t i = 0; i < file->file->n; i++) {
		const struct named_value v = {
			.name = file->file->variables[i].name};

		if (is_with_invisible(r, &v))
			return &file->file->variables[i];
	}
	return NULL;
}

/* bash takes the whole line behind a byte order mark for a command: no program
 * holds the name. */
static struct loaded_file find_spoilt_file(const struct model *m,
					   const struct image *by,
					   const struct event *open,
					   const struct reading *r)
{
	for (size_t i = 0; reads_file(open) && i < m->n_env_files; i++) {
		const struct event *file = m->env_files[i];

		if (file->t >= open->t && file->source == by->source &&
		    str_eq(file->path, open->path) && is_env_file(file) &&
		    spoilt_variable(file, r) &&
		    !is_changed_since(by, file, open->t))
			return (struct loaded_file){
				.by = by, .open = open, .file = file};
	}
	return (struct loaded_file){.by = NULL};
}

static struct loaded_file find_spoilt_on_way(const struct model *m,
					     const struct reading *r)
{
	struct ancestor a = ancestor_itself(r->image, time_of_read(r));
	struct loaded_file found = {.by = NULL};

	for (; a.image && !found.by; a = ancestor_above(a))
		for (size_t i = a.image->n_opens; i-- && !found.by;)
			if (a.image->opens[i]->t <= a.until)
				found = find_spoilt_file(m, a.image,
							 a.image->opens[i], r);
	return found;
}

static bool set_culprit_of_name(const struct model *m, const struct reading *r,
				struct finding *ret)
{
	struct held_name near = find_held_name(r, is_with_invisible);
	struct loaded_file file = {.by = NULL};

	if (near.holder) {
		set_culprit(ret, near.holder->root, NULL, r->image);
		return true;
	}
	if (was_never_held(r))
		file = find_spoilt_on_way(m, r);
	if (file.by)
		set_opening_culprit(ret, file.by, file.open);
	return file.by;
}

static bool explain_name(const struct model *m, const struct reading *r,
			 struct finding *ret)
{
	if (r->outcome != READ_MISSED || r->later_set ||
	    !set_culprit_of_name(m, r, ret))
		return false;
	ret->loss = LOSS_ELSEWHERE;
	ret->is_meant = true;
	ret->confidence = CERTAIN;
	return true;
}

/* --- in the value -----------------------------------------------------------
 */

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	return explain_name(m, r, ret) ||
	       explain_by_shape(r, KT_IS_BOM | KT_IS_UNPRINTABLE,
				KT_IS_JSON | KT_IS_PEM | KT_IS_CR | KT_IS_LF,
				ret);
}

/* The file that gives the value to the name as it was meant. */
static const struct event *find_file(const struct model *m,
				     const struct reading *r)
{
	struct held_name near = find_held_name(r, is_with_invisible);
	const struct file_variable *v;

	if (!near.holder)
		return find_spoilt_on_way(m, r).file;
	for (size_t i = 0; i < m->n_env_files; i++) {
		v = file_variable(m->env_files[i], r->name);
		if (!v)
			v = spoilt_variable(m->env_files[i], r);
		if (v && v->line && v->value.fp.len &&
		    str_eq(v->value.fp, near.held.value.fp))
			return m->env_files[i];
	}
	return NULL;
}

static struct str line_of_name(const struct model *m, const struct event *file,
			       const struct reading *r)
{
	const struct file_variable *v = spoilt_variable(file, r);

	return line_of_assignment(m->arena, file, v ? v->name : r->name);
}

/* As the file has it, or a program. */
static bool has_mark(const struct reading *r, const struct event *file)
{
	const struct file_variable *v = file ? spoilt_variable(file, r) : NULL;
	struct str name =
		v ? v->name : find_held_name(r, is_with_invisible).held.name;

	return str_has_prefix(name, STR("\xef\xbb\xbf"));
}

static struct str place_of_name(struct arena *a, const struct finding *f,
				const struct event *file)
{
	return file ? place_of_culprit(a, f) : STR("the place that sets it");
}

static void describe_name(const struct model *m, const struct reading *r,
			  struct finding *f)
{
	const struct event *file = find_file(m, r);

	if (file)
		f->culprit_site = line_of_name(m, file, r);
	if (file)
		say_culprit(m, r, f,
			    "names %.*s with an invisible character in it",
			    STR_FMT(r->name));
	else
		say_victim(m, f,
			   "asks for %.*s; the name that is set has an "
			   "invisible character in it",
			   STR_FMT(r->name));
	if (has_mark(r, file))
		f->fix = arena_print(m->arena,
				     "take the byte order mark away: sed -i "
				     "'1s/^\\xef\\xbb\\xbf//' %.*s",
				     STR_FMT(file_of_value(m->arena, r, f)));
	else
		f->fix = arena_print(m->arena,
				     "type the name once more in %.*s: what "
				     "you see is not all of it",
				     STR_FMT(place_of_name(m->arena, f, file)));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (!r->value)
		describe_name(m, r, f);
	else if (r->value->is & KT_IS_BOM)
		describe_shape(m, r, f, "begins with a byte order mark",
			       "save the file as UTF-8 without a byte order "
			       "mark: sed -i '1s/^\\xef\\xbb\\xbf//' FILE");
	else
		describe_shape(
			m, r, f, "has a character that no key has",
			"copy the key once more, as plain text: keytrail "
			"replay shows its length");
}

const struct rule rule_kt606 = {
	"KT606", "invisible-character", LOSS_MALFORMED, 35, explains, describe};
