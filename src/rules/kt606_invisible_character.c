#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
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

static bool explain_name(const struct reading *r, struct finding *ret)
{
	struct held_name near;

	if (r->outcome != READ_MISSED || r->later_set)
		return false;
	near = find_held_name(r, is_with_invisible);
	if (!near.holder)
		return false;
	set_culprit(ret, near.holder->root, NULL, r->image);
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
	(void)m;
	return explain_name(r, ret) ||
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

	for (size_t i = 0; near.holder && i < m->n_env_files; i++) {
		v = file_variable(m->env_files[i], r->name);
		if (v && v->line && v->value.fp.len &&
		    str_eq(v->value.fp, near.held.value.fp))
			return m->env_files[i];
	}
	return NULL;
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
		f->culprit_site = line_of_assignment(m->arena, file, r->name);
	if (file)
		say_culprit(m, r, f,
			    "names %.*s with an invisible character in it",
			    STR_FMT(r->name));
	else
		say_victim(m, f,
			   "asks for %.*s; the name that is set has an "
			   "invisible character in it",
			   STR_FMT(r->name));
	if (str_has_prefix(find_held_name(r, is_with_invisible).held.name,
			   STR("\xef\xbb\xbf")))
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
