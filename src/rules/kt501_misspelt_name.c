#include "rules/rule.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/names/similar_names.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/names/held_name.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/names/shell_name.h"
#include "diagnosis/evidence/sentence.h"

/* What build tools and runners write before the names that they pass on. */
static const char *const conventions[] = {
	"VITE_",      "NUXT_",	      "NUXT_PUBLIC_", "NITRO_",
	"REACT_APP_", "NEXT_PUBLIC_", "INPUT_",	      "EXPO_PUBLIC_",
	"TF_VAR_",    "PUBLIC_",      "export "};

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

/* SHOP_OPENAI_API_KEY, by a prefix of the program's, as of environs. */
static bool has_own_prefix(const struct reading *r,
			   const struct named_value *held)
{
	size_t more = r->name.len - held->name.len;

	return held->value.len && !(held->value.is & KT_IS_EMPTY) &&
	       role_of(held->name) == ROLE_KEY && !find_credential(r->name) &&
	       r->name.len > held->name.len + 1 &&
	       str_has_suffix(r->name, held->name) &&
	       r->name.at[more - 1] == '_';
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

static bool differs_by_prefix_alone(const struct reading *r,
				    const struct named_value *held)
{
	return has_own_prefix(r, held) && !differs_by_convention(r, held) &&
	       !is_near(r, held);
}

/* A convention is nearer than a letter. */
static struct held_name near_name(const struct reading *r)
{
	struct held_name near = find_held_name(r, differs_by_convention);

	if (!near.holder)
		near = find_held_name(r, is_near);
	return near.holder ? near : find_held_name(r, has_own_prefix);
}

/* --- a launch that passed the value under another name ----------------------
 */

/* Before a loss at a launch (KT204 to KT207, KT2xx): the launch shows the
 * mistake itself. */
enum { RANK_AT_LAUNCH = 190 };

/* Behind a file that assigns the name itself (KT103), before no cause at all
 * (KT101): another key may be meant. */
enum { RANK_OF_PREFIX = 880 };

static bool was_held(const struct image *image, struct str name, uint64_t t)
{
	const struct value *value = NULL;

	return model_held(image, name, t, &value) == PRESENT;
}

/* The name that the launch added, with the value that it dropped; or null. */
static const struct named_value *renamed_at_launch(const struct reading *r)
{
	const struct loss *l = r->loss;
	const struct event *birth;

	if (!l || l->kind != LOST_AT_HANDOVER || !l->value)
		return NULL;
	birth = l->receiver->birth;
	for (size_t i = 0; birth && i < birth->env.n; i++) {
		const struct named_value *given = &birth->env.at[i];

		if (str_eq(given->value.fp, l->value->fp) &&
		    (is_near_spelling(r->name, given->name) ||
		     differs_by_convention(r, given)) &&
		    !was_held(l->image, given->name,
			      model_hop_time(l->receiver)))
			return given;
	}
	return NULL;
}

static bool explain_launch(const struct reading *r, struct finding *ret)
{
	if (!renamed_at_launch(r))
		return false;
	set_culprit(ret, r->loss->image, r->loss->event, r->loss->receiver);
	ret->rank = RANK_AT_LAUNCH;
	ret->confidence = CERTAIN;
	return true;
}

/* --- the rule ---------------------------------------------------------------
 */

/* The name that is set instead. */
static struct held_name set_instead(const struct reading *r)
{
	const struct named_value *renamed = renamed_at_launch(r);

	if (!renamed)
		return near_name(r);
	return (struct held_name){.held = *renamed,
				  .holder = r->loss->image,
				  .set = r->loss->event,
				  .next = r->loss->receiver};
}

static bool may_be_misspelt(enum role role)
{
	return role != ROLE_OPTIONAL && role != ROLE_SETTING;
}

/* The run knows both names. */
static bool is_asked_for_by_any(const struct model *m, struct str name)
{
	for (size_t i = 0; i < m->n_readings; i++)
		if (str_eq(m->readings[i].name, name))
			return true;
	return false;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	struct held_name near;
	bool is_by_prefix;

	if (r->outcome != READ_MISSED || r->later_set ||
	    !may_be_misspelt(role_of(r->name)) || found_alternative(r))
		return false;
	if (explain_launch(r, ret))
		return true;
	if (is_held_by_any(r))
		return false;
	near = near_name(r);
	if (!near.holder)
		return false;
	is_by_prefix = differs_by_prefix_alone(r, &near.held);
	if (is_by_prefix && is_asked_for_by_any(m, near.held.name))
		return false;
	set_holder_as_culprit(m, ret, &near, r);
	ret->confidence = LIKELY;
	if (has_form_of(&near.held.value, r->name))
		ret->confidence = CERTAIN;
	if (is_by_prefix) {
		ret->rank = RANK_OF_PREFIX;
		ret->confidence = POSSIBLE;
	}
	return true;
}

/* --- words ----------------------------------------------------------------
 */

/* `export NAME=value`, read by a parser that knows no shell. */
static bool is_with_export(struct str name)
{
	return str_has_prefix(name, STR("export "));
}

/* The line of the file, as the shell would read it. */
static struct str place_of_export(const struct model *m,
				  const struct reading *r,
				  const struct held_name *set)
{
	struct loaded_file file = {.by = NULL};

	if (set->set)
		file = find_file_of_value(m, set->holder, r->name, set->set->t,
					  &set->held.value);
	if (!file.by)
		return place_to_set_in_words(m, set);
	return arena_print(m->arena, " in %.*s",
			   STR_FMT(line_of_file(m->arena, file.by, &file)));
}

/* A shell's, on the command line of a client. */
static bool is_expansion(const struct reading *r)
{
	return r->event && str_eq(r->event->fn, STR("expansion"));
}

static struct str fix_of(const struct model *m, const struct reading *r,
			 const struct finding *f, const struct held_name *set)
{
	struct arena *a = m->arena;
	struct str name = set->held.name;

	if (has_value_in_name(r->name, name))
		return arena_print(a,
				   "ask for %.*s alone: its value is no part "
				   "of the name",
				   STR_FMT(name));
	if (is_expansion(r))
		return arena_print(a,
				   "expand %.*s at %.*s: the name there is not "
				   "the name that is set",
				   STR_FMT(name),
				   STR_FMT(place_of_victim(a, f)));
	if (is_with_export(name))
		return arena_print(
			a,
			"take the word `export` out of the name%.*s: "
			"only a shell reads it as a command",
			STR_FMT(place_of_export(m, r, set)));
	if (!can_be_set_by_shell(r->name))
		return arena_print(
			a, "ask for %.*s: %.*s", STR_FMT(name),
			STR_FMT(limit_of_shells_in_words(a, r->name)));
	if (differs_by_prefix_alone(r, &set->held))
		return arena_print(
			a,
			"ask for %.*s without the prefix, or set %.*s%.*s, to "
			"the value of %.*s if that key is meant",
			STR_FMT(name), STR_FMT(r->name),
			STR_FMT(place_to_set_in_words(m, set)), STR_FMT(name));
	return arena_print(a,
			   "set %.*s%.*s, to the value of %.*s: the name that "
			   "is set is not the name that is asked for",
			   STR_FMT(r->name),
			   STR_FMT(place_to_set_in_words(m, set)),
			   STR_FMT(name));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct held_name set = set_instead(r);

	say_victim(m, f, "asks for %.*s; %.*s", STR_FMT(r->name),
		   STR_FMT(name_set_in_words(m, &set)));
	f->fix = fix_of(m, r, f, &set);
}

const struct rule rule_kt501 = {"KT501", "misspelt-name", LOSS_ELSEWHERE,
				500,	 explains,	  describe};
