#include "diagnosis/evidence/answered_setting.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "shared/text.h"

struct subject {
	const char *in_code, *in_name, *words;
};

/* "mismatched_organization", "USER_PROJECT_DENIED" */
static const struct subject subjects[] = {
	{"organization", "_ORG", "the organization"},
	{"project", "PROJECT", "the project"},
};

/* A closed account is closed for every setting. */
static const char *const states[] = {"deactivated", "disabled", "restricted",
				     "suspended",   "archived", "quota",
				     "limit"};

static bool mentions(struct str text, const char *word)
{
	return str_mentions(text.at, text.len, word);
}

static bool is_of_state(struct str code)
{
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (mentions(code, states[i]))
			return true;
	return false;
}

static const struct subject *subject_of(const struct reading *r)
{
	const struct request *q = find_refusal(r);

	if (!q || is_of_state(q->code))
		return NULL;
	for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
		if (mentions(q->code, subjects[i].in_code))
			return &subjects[i];
	return NULL;
}

static bool is_name_of(const struct subject *s, const struct reading *r,
		       struct str name)
{
	return role_of(name) == ROLE_SETTING &&
	       are_of_one_provider(name, r->name) &&
	       memmem(name.at, name.len, s->in_name, strlen(s->in_name));
}

static bool was_found(const struct reading *r, struct str name)
{
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (str_eq(o->name, name) && model_found_value(o))
			return true;
	return false;
}

/* The names with a comma between. */
static struct str list_names(struct arena *a, const struct reading *r,
			     const struct subject *s, bool found)
{
	struct str list = {NULL, 0};

	for (size_t i = 0; i < n_credentials; i++) {
		struct str name = credentials[i].name;

		if (!is_name_of(s, r, name) || (found && !was_found(r, name)))
			continue;
		list = arena_print(a, "%.*s%s%.*s", STR_FMT(list),
				   list.len ? ", " : "", STR_FMT(name));
	}
	return list;
}

struct str answered_setting(struct arena *a, const struct reading *r)
{
	const struct subject *s = subject_of(r);
	struct str names = {NULL, 0};

	if (s)
		names = list_names(a, r, s, true);
	if (s && !names.len)
		names = list_names(a, r, s, false);
	if (!names.len)
		return names;
	return arena_print(a, "%s (%.*s)", s->words, STR_FMT(names));
}

bool has_answered_setting(const struct reading *r)
{
	const struct subject *s = subject_of(r);

	for (const struct reading *o = r->image->readings; s && o; o = o->next)
		if (model_found_value(o) && is_name_of(s, r, o->name))
			return true;
	return false;
}
