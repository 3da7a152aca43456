/* A shell that expands a name (`curl -H "Authorization: Bearer $KEY"`) asks
 * unseen. A reading is made for each expanded name that was taken away on the
 * way to the shell. */
#include "diagnosis/evaluation.h"

static struct str name_of(struct str expanded)
{
	const char *sign =
		expanded.len ? memchr(expanded.at, '=', expanded.len) : NULL;

	return (struct str){expanded.at,
			    sign ? (size_t)(sign - expanded.at) : 0};
}

struct str place_of_expansion(const struct image *shell, struct str name)
{
	const struct strs none = {NULL, 0};
	const struct strs *list =
		shell->birth ? &shell->birth->expanded : &none;

	for (size_t i = 0; i < list->n; i++)
		if (str_eq(name_of(list->at[i]), name))
			return (struct str){list->at[i].at + name.len + 1,
					    list->at[i].len - name.len - 1};
	return (struct str){NULL, 0};
}

static const struct reading *new_reading(const struct evaluation *e,
					 struct image *shell, struct str name)
{
	struct variable *v = model_variable(e->model, name);
	const struct value *value;
	struct reading *r;

	if (!v || model_inherited(shell, name, &value) != ABSENT)
		return NULL;
	r = make_reading(e->arena, shell, v);
	r->loss = model_explain_miss(e->arena, r);
	return r;
}

static bool was_taken_away(const struct reading *r)
{
	return r->outcome == READ_NONE && r->loss && is_held_upstream(r);
}

const struct reading *find_expanded_in_vain(const struct evaluation *e,
					    struct image *shell)
{
	const struct event *birth = shell->birth;

	for (size_t i = 0; birth && i < birth->expanded.n; i++) {
		struct str name = name_of(birth->expanded.at[i]);
		const struct reading *r = model_reading(shell, name);

		r = r ? r : new_reading(e, shell, name);
		if (r && was_taken_away(r) && need_of_unseen(e, r) == NEEDED)
			return r;
	}
	return NULL;
}

void evaluate_expanded_names(struct evaluation *e)
{
	for (size_t i = 0; i < e->model->n_images; i++) {
		struct image *shell = e->model->images[i];
		const struct reading *r = find_expanded_in_vain(e, shell);

		if (r && !model_reading(shell, r->name))
			evaluate_reading(e, r);
	}
}
