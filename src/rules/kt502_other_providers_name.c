#include "rules/rule.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/names/similar_names.h"
#include "diagnosis/evidence/names/held_name.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/sentence.h"
#include "model/place.h"

/* Another name for the same provider's key, as another client calls it. */
static bool is_other_name(const struct reading *r,
			  const struct named_value *held)
{
	return held->value.len && !(held->value.is & KT_IS_EMPTY) &&
	       (are_alternatives(r->name, held->name) ||
		is_substitute(held->name, r->name));
}

static bool is_key(enum role role)
{
	return role == ROLE_KEY || role == ROLE_ALTERNATIVE;
}

/* One line of the program missed the key itself, too: that finding says all. */
static bool is_beside_key(const struct reading *r)
{
	struct str line = own_line_of(r->event);

	if (role_of(r->name) != ROLE_ALTERNATIVE || !line.len)
		return false;
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (o->outcome == READ_MISSED && !o->later_found &&
		    !o->later_set && role_of(o->name) == ROLE_KEY &&
		    are_alternatives(o->name, r->name) &&
		    str_eq(own_line_of(o->event), line))
			return true;
	return false;
}

static bool is_missed_key(const struct reading *r)
{
	return r->outcome == READ_MISSED && !r->later_set &&
	       is_key(role_of(r->name)) && !found_alternative(r) &&
	       !is_held_by_any(r);
}

/* A library of two providers looks for an alternative of the other provider
 * first: the key that the program asks for has findings of its own. */
static bool asks_for_both(const struct reading *r, struct str other)
{
	return role_of(r->name) == ROLE_ALTERNATIVE &&
	       !are_of_one_provider(r->name, other) &&
	       place_library(r->event->site).len &&
	       model_asked_for(r->image, other);
}

/* holder null: no other name was held. */
static struct held_name find_other_name(const struct reading *r)
{
	return is_missed_key(r) ? find_held_name(r, is_other_name)
				: (struct held_name){.holder = NULL};
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	struct held_name other = find_other_name(r);

	if (!other.holder)
		return false;
	set_holder_as_culprit(m, ret, &other, r);
	ret->confidence = LIKELY;
	ret->is_note_unless_given = is_beside_key(r);
	ret->is_none_unless_given = asks_for_both(r, other.held.name);
	return true;
}

static bool is_azures(struct str name)
{
	return str_has_prefix(name, STR("AZURE_"));
}

/* A key of Azure is none of OpenAI's, and the other way round. */
static struct str fix_for(const struct model *m, struct str name,
			  const struct held_name *other)
{
	struct arena *a = m->arena;
	struct str set = other->held.name;

	if (is_azures(set) && !is_azures(name))
		return arena_print(a,
				   "a key of Azure works with Azure's client "
				   "alone: use `AzureOpenAI` (or what your "
				   "library has for Azure), or set %.*s to a "
				   "key of openai",
				   STR_FMT(name));
	if (is_azures(name) && !is_azures(set))
		return arena_print(a,
				   "Azure's client takes a key of Azure alone: "
				   "set %.*s to one, or use the client that "
				   "takes %.*s",
				   STR_FMT(name), STR_FMT(set));
	return arena_print(a,
			   "set %.*s as well%.*s, to the value of %.*s if that "
			   "key is meant for this client",
			   STR_FMT(name),
			   STR_FMT(place_to_set_in_words(m, other)),
			   STR_FMT(set));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct held_name other = find_other_name(r);

	say_victim(m, f, "asks for %.*s; %.*s, which this client does not take",
		   STR_FMT(r->name), STR_FMT(name_set_in_words(m, &other)));
	f->fix = fix_for(m, r->name, &other);
}

const struct rule rule_kt502 = {"KT502",	"other-providers-name",
				LOSS_ELSEWHERE, 510,
				explains,	describe};
