/* A settings library looks in its copy of the environment, unseen; so does each
 * program in some languages. For each name that an env file assigns, and that
 * the image does not hold, a reading is made where nobody opened that file. */
#include "diagnosis/evaluation.h"

#include "diagnosis/evidence/loaded_file.h"
#include "diagnosis/evidence/missed_file.h"
#include "runtimes/runtime.h"

static struct variable *variable_of(const struct model *m, struct str name)
{
	for (size_t i = 0; i < m->n_variables; i++)
		if (str_eq(m->variables[i].name, name))
			return &m->variables[i];
	return NULL;
}

static bool has_reading(const struct image *image, struct str name)
{
	for (const struct reading *r = image->readings; r; r = r->next)
		if (str_eq(r->name, name))
			return true;
	return false;
}

/* The run may have no other event of the name. */
static struct variable *new_variable(struct arena *a, struct str name)
{
	struct variable *v = TAKE(a, struct variable, 1);

	v->name = name;
	return v;
}

static const struct reading *new_reading(struct arena *a, const struct model *m,
					 struct image *image, struct str name)
{
	struct variable *v = variable_of(m, name);
	struct reading *r = TAKE(a, struct reading, 1);

	*r = (struct reading){.image = image,
			      .name = name,
			      .outcome = READ_NONE,
			      .unloaded = true,
			      .variable = v ? v : new_variable(a, name)};
	return r;
}

static bool is_in_earlier_file(const struct model *m, size_t file,
			       struct str name)
{
	for (size_t i = 0; i < file; i++)
		if (file_variable(m->env_files[i], name))
			return true;
	return false;
}

struct visit {
	struct arena *arena;
	const struct model *model;
	void (*evaluate)(void *, const struct reading *);
	void *context;
};

static void visit_file(const struct visit *v, struct image *image,
		       uint64_t copied, size_t file)
{
	const struct event *e = v->model->env_files[file];
	const struct value *held;

	for (size_t i = 0; i < e->file->n; i++) {
		struct str name = e->file->variables[i].name;

		if (!is_in_earlier_file(v->model, file, name) &&
		    !has_reading(image, name) &&
		    model_held(image, name, copied, &held) == ABSENT &&
		    find_missed_file(v->model, image, name, UINT64_MAX).file)
			v->evaluate(v->context, new_reading(v->arena, v->model,
							    image, name));
	}
}

static bool has_read(const struct image *image)
{
	for (const struct reading *r = image->readings; r; r = r->next)
		if (r->outcome != READ_NONE)
			return true;
	return false;
}

/* A program of the user's own, in a language whose reads are not seen. Its
 * opens are, unlike those of a Go program. A shell is no reader. */
static bool hides_own_reads(const struct image *image)
{
	const struct event none = {.n = 0};

	return image->observed && !model_is_fork_or_thread(image) &&
	       runtime_hides_reads(image) && runtime_interprets(image) &&
	       !model_bypasses_libc(image) &&
	       runtime_of(image)->id != RUNTIME_SHELL && !has_read(image) &&
	       who_asks(image, &none, STR("")).who == OWN_CODE;
}

/* When the image looked in its copy; 0: its reads are seen. */
static uint64_t time_of_copy(const struct image *image)
{
	const struct event *copy = find_hiding_copy(image);

	if (copy && is_settings_copy(image, copy))
		return copy->t;
	return hides_own_reads(image) ? image->born : 0;
}

void each_unloaded_file(struct arena *a, const struct model *m,
			void (*evaluate)(void *, const struct reading *),
			void *context)
{
	const struct visit v = {a, m, evaluate, context};

	for (size_t i = 0; i < m->n_images && m->n_env_files; i++) {
		uint64_t copied = time_of_copy(m->images[i]);

		for (size_t file = 0; copied && file < m->n_env_files; file++)
			visit_file(&v, m->images[i], copied, file);
	}
}
