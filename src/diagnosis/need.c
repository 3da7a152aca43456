#include "diagnosis/evaluation.h"
#include "diagnosis/evidence/credential_names.h"

/* A pattern with a wildcard names no variable. */
static bool has_word(const struct strs *words, struct str name)
{
	for (size_t i = 0; i < words->n; i++)
		if (str_eq(words->at[i], name))
			return true;
	return false;
}

/* A stranger names variables for the stranger's own processes only. */
bool is_named_by_user(const struct model *m, struct str user_variable,
		      const struct reading *r)
{
	const struct event *birth = r->image->birth;

	return str_eq(user_variable, r->name) || has_word(&m->watch, r->name) ||
	       (birth && has_word(&birth->watch, r->name));
}

static bool found_known_key(const struct image *image)
{
	for (const struct reading *o = image->readings; o; o = o->next)
		if (o->outcome == READ_FOUND && credential_family(o->name) &&
		    !model_is_malformed(o->value))
			return true;
	return false;
}

static bool is_switch(struct str name)
{
	const struct str word = STR("_DISABLE_");

	return name.len && memmem(name.at, name.len, word.at, word.len);
}

bool is_extra(const struct reading *r)
{
	if (credential_family(r->name))
		return false;
	return is_switch(r->name) ||
	       (is_library_site(r->event->site) && found_known_key(r->image));
}
