#include "rules/rule.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/names/similar_names.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/value_shape.h"
#include "runtimes/runtime.h"

/* Where the provider's keys have a known form, nothing else is a key. */
static bool is_key_of_known_form(struct str name)
{
	return role_of(name) == ROLE_KEY && has_known_form(name);
}

/* Several keys are meant under a name in no row (OPENAI_API_KEYS). */
static bool is_of_known_form(struct str name)
{
	enum role role = role_of(name);

	return role != ROLE_NONE && role != ROLE_SETTING &&
	       (has_known_form(name) || form_of(name));
}

/* Under a name in no row, the program may resolve a reference itself, and a
 * word such as `changeme` may be the value. */
static bool may_be_meant(const struct reading *r)
{
	return role_of(r->name) == ROLE_NONE &&
	       !(r->value->is & KT_IS_UNEXPANDED);
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	uint32_t shapes = KT_IS_PLACEHOLDER | KT_IS_UNEXPANDED |
			  KT_IS_REFERENCE | KT_IS_COMMENT;

	(void)m;
	if (is_key_of_known_form(r->name))
		shapes |= KT_IS_ASSIGNMENT | KT_IS_HEADER | KT_IS_JSON |
			  KT_IS_BASE64_KEY;
	if (is_of_known_form(r->name))
		shapes |= KT_IS_KEY_AND_MORE;
	if (!explain_by_shape(r, shapes, 0, ret))
		return false;
	ret->is_note_unless_given = may_be_meant(r);
	return true;
}

static bool has_real_value(const struct reading *r, const struct loaded_file *f)
{
	const struct value *v = &f->variable->value;

	return v->fp.len && !str_eq(v->fp, r->value->fp) &&
	       !model_is_malformed(v);
}

static bool has_value_read(const struct reading *r, const struct loaded_file *f)
{
	return str_eq(f->variable->value.fp, r->value->fp);
}

/* Two files of one loader, of which the one with the example's value won. */
static void set_fix_of_two_files(const struct model *m, const struct reading *r,
				 struct finding *f)
{
	struct loaded_file won = find_loaded_file(m, r, has_value_read);
	struct loaded_file lost = find_loaded_file(m, r, has_real_value);

	if (!won.by || won.by != lost.by || lost.open == won.open)
		return;
	set_own_fix(m, f,
		    "take the line out of %.*s, or let %.*s win: of several "
		    "`--env-file` the last one does, of dotenv's calls "
		    "without `override` the first one",
		    STR_FMT(line_of_file(m->arena, won.by, &won)),
		    STR_FMT(line_of_file(m->arena, lost.by, &lost)));
}

/* pydantic's SecretStr: str() hides the value. */
static void set_fix_of_mask(const struct model *m, const struct reading *r,
			    struct finding *f)
{
	struct str line = line_of_code_for_value(m, r, f);

	if (line.len && runtime_of(f->culprit)->id == RUNTIME_PYTHON)
		set_own_fix(m, f,
			    "take `.get_secret_value()` of the SecretStr at "
			    "%.*s: its str() is asterisks",
			    STR_FMT(line));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	/* The first row that the value has a shape of; 0: any value. */
	static const struct {
		uint32_t shapes;
		const char *flaw, *fix;
	} rows[] = {
		{KT_IS_UNEXPANDED, "is a reference that nobody expanded",
		 "use a loader that expands references, or write the value "
		 "itself"},
		{KT_IS_REFERENCE,
		 "is a reference to a secret that nobody resolved",
		 "start the program through the tool that resolves it (op run, "
		 "dotenvx run, vals exec), or write the value itself"},
		{KT_IS_MASKED, "is a mask of asterisks, not the key",
		 "put the real value there: asterisks stand for a hidden one"},
		{KT_IS_PLACEHOLDER, "is still the example's",
		 "put the real value where the example's stands"},
		{KT_IS_COMMENT, "holds the key and a comment behind it",
		 "write the key alone, and the comment in a line of its own: "
		 "not every loader takes a comment off"},
		{KT_IS_BASE64_KEY, "is the key in base64",
		 "decode it (base64 -d), or write the key itself"},
		{KT_IS_KEY_AND_MORE, "holds more than the key",
		 "write one key alone: no comma, semicolon, bracket or second "
		 "key beside it"},
		{0, "holds more than the key",
		 "write the key alone: no NAME= or export, no Bearer, no JSON "
		 "around it"},
	};
	size_t i = 0;

	while (rows[i].shapes && !(rows[i].shapes & r->value->is))
		i++;
	describe_shape(m, r, f, rows[i].flaw, rows[i].fix);
	set_fix_of_two_files(m, r, f);
	if (r->value->is & KT_IS_MASKED)
		set_fix_of_mask(m, r, f);
}

const struct rule rule_kt604 = {"KT604", "placeholder", LOSS_MALFORMED,
				30,	 explains,	describe};
