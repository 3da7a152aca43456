#include "diagnosis/evidence/names/unread_name.h"

#include "diagnosis/evidence/names/similar_names.h"

static bool has_another_value(const struct variable *v,
			      const struct variable *than)
{
	for (size_t i = 0; i < v->n_values; i++)
		if (!(v->values[i].value->is & KT_IS_EMPTY) &&
		    !model_first_seen(than, v->values[i].value->fp))
			return true;
	return false;
}

static bool is_unread(const struct variable *v)
{
	return v->holders && !v->readers && !v->missed;
}

struct str unread_name_in_words(const struct model *m, struct str name)
{
	const struct variable *key = model_variable(m, name);

	for (size_t i = 0; key && i < m->n_variables; i++) {
		const struct variable *v = &m->variables[i];

		if (v != key && is_unread(v) && is_misspelling(name, v->name) &&
		    has_another_value(v, key))
			return arena_print(m->arena,
					   "%.*s was set too, to another "
					   "value, and nobody asked for it",
					   STR_FMT(v->name));
	}
	return STR("");
}
