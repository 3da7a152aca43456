#include "rules/rule.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/similar_names.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/held_name.h"
#include "diagnosis/evidence/sentence.h"

/* What build tools and runners write before the names that they pass on. */
static const char *const conventions[] = {
	"VITE_",	"NUXT_",  "NUXT_PUBLIC_", "NITRO_",  "REACT_APP_",
	"NEXT_PUBLIC_", "INPUT_", "EXPO_PUBLIC_", "TF_VAR_", "PUBLIC_"};

static bool is_prefixed(struct str with, struct str without)
{
	size_t more = with.len - without.len;

	if (with.len <= without.len ||
	    memcmp(with.at + more, without.at, without.len))
		return false;
	for (size_t i = 0; i < sizeof conventions / sizeof *conventions; i++)
		if (str_eq((struct str){with.at, more}, str_of(conventions[i])))
			return true;
	return false;
}

static bool differs_by_convention(const struct reading *r,
				  const struct named_value *held)
{
	return held->value.len && (is_prefixed(r->name, held->name) ||
				   is_prefixed(held->name, r->name));
}

static bool has_form_of(const struct value *value, struct str name)
{
	const char *form = form_of(name);

	return form && str_eq(value->from, str_of(form));
}

/* A name in another provider's row is that provider's. */
static bool is_anothers(const struct reading *r, const struct named_value *held)
{
	return find_credential(r->name) && find_credential(held->name) &&
	       !are_of_one_provider(r->name, held->name);
}

/* Of two well-known names neither is a misspelling, unless the value under the
 * one has the form of the other. */
static bool is_near(const struct reading *r, const struct named_value *held)
{
	return has_form_of(&held->value, r->name)
		       ? is_near_spelling(r->name, held->name)
		       : is_misspelling(r->name, held->name) &&
				 !is_anothers(r, held);
}

/* A convention is nearer than a letter. */
static struct held_name near_name(const struct reading *r)
{
	struct held_name near = find_held_name(r, differs_by_convention);

	return near.held ? near : find_held_name(r, is_near);
}

static bool may_be_misspelt(enum role role)
{
	return role != ROLE_OPTIONAL && role != ROLE_SETTING;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	struct held_name near;

	(void)m;
	if (r->outcome != READ_MISSED || r->later_set ||
	    !may_be_misspelt(role_of(r->name)) || found_alternative(r) ||
	    model_holders(r->variable, r->image))
		return false;
	near = near_name(r);
	if (!near.held)
		return false;
	set_culprit(ret, near.holder->root, NULL, r->image);
	ret->confidence = LIKELY;
	if (has_form_of(&near.held->value, r->name))
		ret->confidence = CERTAIN;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct str set = near_name(r).held->name;

	say_victim(m, f,
		   arena_print(m->arena, "asks for %.*s; what is set is %.*s",
			       STR_FMT(r->name), STR_FMT(set)));
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

const struct rule rule_kt501 = {"KT501", "misspelt-name", LOSS_ELSEWHERE,
				500,	 explains,	  describe};
