/* How much the reader needs the variable. */
#include "diagnosis/evaluation.h"

#include "base/pattern.h"
#include "shared/credential_name.h"

/* --- the table ------------------------------------------------------------ */

/* A cell with a condition is OPTIONAL where the condition does not hold. */
enum cell {
	N,	    /* needed */
	W,	    /* wanted */
	O,	    /* optional */
	W_SOMEBODY, /* wanted where somebody held it */
	W_ANCESTOR, /* wanted where an ancestor held it */
};

/* The columns are those of enum who: own code, its client, another library. */
static const enum cell table[][3] = {
	/*                    own code    its client  another library */
	[ROLE_KEY] = {N, N, W},
	[ROLE_ALTERNATIVE] = {N, W_SOMEBODY, O},
	[ROLE_OPTIONAL] = {W_SOMEBODY, W_ANCESTOR, O},
	[ROLE_SETTING] = {W, W_ANCESTOR, O},
	[ROLE_NONE] = {N, W_ANCESTOR, W_ANCESTOR},
};

/* --- conditions ----------------------------------------------------------- */

bool is_listed(const struct strs *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(names->at[i], name))
			return true;
	return false;
}

/* NAME:ROLE of -w: the role. len 0: the pattern is another name's, or has no
 * role. */
static struct str role_in_pattern(struct str pattern, struct str name)
{
	if (pattern.len > name.len + 1 && pattern.at[name.len] == ':' &&
	    !memcmp(pattern.at, name.at, name.len))
		return (struct str){pattern.at + name.len + 1,
				    pattern.len - name.len - 1};
	return (struct str){NULL, 0};
}

static enum role given_role(const struct strs *patterns, struct str name)
{
	for (size_t i = 0; i < patterns->n; i++) {
		struct str word = role_in_pattern(patterns->at[i], name);

		for (int role = 0; word.len && role < ROLE_NONE; role++)
			if (str_eq(word, str_of(role_word((enum role)role))))
				return (enum role)role;
	}
	return ROLE_NONE;
}

/* A stranger names variables for the stranger's own processes only. */
bool is_named_by_user(const struct evaluation *e, const struct reading *r)
{
	const struct event *birth = r->image->birth;

	return is_listed(e->named, r->name) ||
	       is_listed(&e->model->watch, r->name) ||
	       (birth && is_listed(&birth->watch, r->name));
}

/* The role by -w NAME:ROLE, or else by the catalogue. */
static enum role role_for(const struct evaluation *e, const struct reading *r)
{
	enum role role = given_role(&e->model->watch, r->name);

	return role != ROLE_NONE ? role : role_of(r->name);
}

bool is_held_upstream(const struct reading *r)
{
	if (r->value && !(r->value->is & KT_IS_EMPTY))
		return true;
	if (!r->loss)
		return false;
	switch (r->loss->kind) {
	case LOST_NEVER_HELD:
	case LOST_UNSEEN:
		return false;
	default:
		return !r->loss->value || !(r->loss->value->is & KT_IS_EMPTY);
	}
}

static enum need cell_need(enum cell cell, const struct reading *r)
{
	switch (cell) {
	case N:
		return NEEDED;
	case W:
		return WANTED;
	case O:
		return OPTIONAL;
	case W_SOMEBODY:
		return model_holders(r->variable, r->image) ||
				       is_held_upstream(r)
			       ? WANTED
			       : OPTIONAL;
	case W_ANCESTOR:
		return is_held_upstream(r) ? WANTED : OPTIONAL;
	}
	return OPTIONAL;
}

bool matches_pattern(const struct strs *patterns, struct str name)
{
	for (size_t i = 0; i < patterns->n; i++)
		if (str_matches(name, patterns->at[i]))
			return true;
	return false;
}

/* Only a wildcard of -w matches the name, which is like no credential's. */
static bool is_wildcard_only(const struct model *m, const struct reading *r)
{
	const struct event *birth = r->image->birth;

	return role_of(r->name) == ROLE_NONE &&
	       !is_credential_name(r->name.at, r->name.len) &&
	       (matches_pattern(&m->watch, r->name) ||
		(birth && matches_pattern(&birth->watch, r->name)));
}

/* --- the answer ----------------------------------------------------------- */

enum need need_of(const struct evaluation *e, const struct reading *r,
		  const struct asker *asker)
{
	const struct model *m = e->model;
	enum cell cell = table[role_for(e, r)][asker->who];
	enum need need;

	if (is_named_by_user(e, r))
		return NEEDED;
	if (is_wildcard_only(m, r) && !model_holders(r->variable, r->image) &&
	    !is_held_upstream(r))
		return OPTIONAL;
	need = cell_need(cell, r);
	return asker->is_tool && need > OPTIONAL ? need - 1 : need;
}

enum need need_of_unseen(const struct evaluation *e, const struct reading *r)
{
	enum role role = role_for(e, r);

	if (is_named_by_user(e, r))
		return NEEDED;
	return role == ROLE_NONE ? WANTED
				 : cell_need(table[role][ITS_CLIENT], r);
}

enum need need_of_name(const struct evaluation *e, const struct reading *r,
		       const struct asker *asker, struct str name)
{
	struct reading other = *r;
	uint64_t t = r->event ? r->event->t : UINT64_MAX;

	other.name = name;
	other.variable = model_variable(e->model, name);
	if (!other.variable)
		return OPTIONAL;
	model_held(r->image, name, t, &other.value);
	return need_of(e, &other, asker);
}
