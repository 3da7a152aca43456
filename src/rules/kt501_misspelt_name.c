#include "rules/rule.h"

#include "diagnosis/evidence/credential_names.h"
#include "diagnosis/evidence/culprit.h"
#include "model/process_name.h"

/* A chain of fallbacks asks for several names and needs only a single value. */
static bool was_found(const struct image *image, struct str name)
{
	for (const struct reading *r = image->readings; r; r = r->next)
		if (r->outcome == READ_FOUND && str_eq(r->name, name))
			return true;
	return false;
}

static const struct named_value *near_name(const struct reading *r)
{
	const struct event *birth = r->image->birth;
	const struct value *value;

	for (size_t i = 0; birth && i < birth->env.n; i++) {
		struct str name = birth->env.at[i].name;

		if (is_misspelling(r->name, name) &&
		    !was_found(r->image, name) &&
		    model_held(r->image, name, r->event->t, &value) == PRESENT)
			return &birth->env.at[i];
	}
	return NULL;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const char *family = credential_family(r->name);
	const struct named_value *near;

	(void)m;
	if (r->outcome != READ_MISSED || model_holders(r->variable, r->image))
		return false;
	near = near_name(r);
	if (!near)
		return false;
	set_culprit(ret, r->image->root, NULL, r->image);
	ret->severity = FAULT;
	ret->held_upstream = true;
	ret->confidence = LIKELY;
	if (family && str_eq(near->value.from, str_of(family)))
		ret->confidence = CERTAIN;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct str set = near_name(r)->name;

	f->summary = arena_print(
		m->arena, "%.*s asked for %.*s, but what is set is %.*s",
		STR_FMT(process_in_sentence(m->arena, r->image)),
		STR_FMT(r->name), STR_FMT(set));
	if (has_value_in_name(r->name, set))
		f->fix = arena_print(m->arena,
				     "ask for %.*s alone: its value is no part "
				     "of the name",
				     STR_FMT(set));
	else
		f->fix =
			arena_print(m->arena, "set %.*s; %.*s is not that name",
				    STR_FMT(r->name), STR_FMT(set));
}

const struct rule rule_kt501 = {"KT501", "misspelt-name", 500, explains,
				describe};
