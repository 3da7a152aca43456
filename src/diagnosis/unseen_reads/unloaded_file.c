/* A settings library looks in its copy of the environment, unseen; so does each
 * program in some languages. For each name that an env file assigns, and that
 * the image does not hold, a reading is made where nobody opened that file. */
#include "diagnosis/evaluation.h"

#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/files/missed_file.h"
#include "runtimes/runtime.h"

/* The run may have no other event of the name. */
static struct variable *new_variable(struct arena *a, struct str name)
{
	struct variable *v = TAKE(a, struct variable, 1);

	v->name = name;
	return v;
}

static void evaluate_unloaded(struct evaluation *e, struct image *image,
			      struct str name)
{
	struct variable *v = model_variable(e->model, name);
	struct reading *r = make_reading(e->arena, image,
					 v ? v : new_variable(e->arena, name));

	r->unloaded = true;
	evaluate_reading(e, r);
}

static bool is_in_earlier_file(const struct model *m, size_t file,
			       struct str name)
{
	for (size_t i = 0; i < file; i++)
		if (file_variable(m->env_files[i], name))
			return true;
	return false;
}

static void evaluate_file(struct evaluation *e, struct image *image,
			  uint64_t copied, size_t nth)
{
	const struct model *m = e->model;
	const struct env_file *file = m->env_files[nth]->file;
	const struct value *held;

	for (size_t i = 0; i < file->n; i++) {
		struct str name = file->variables[i].name;

		if (!is_in_earlier_file(m, nth, name) &&
		    !model_reading(image, name) &&
		    model_held(image, name, copied, &held) == ABSENT &&
		    find_missed_file(m, image, name, UINT64_MAX).file)
			evaluate_unloaded(e, image, name);
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

void evaluate_unloaded_files(struct evaluation *e)
{
	const struct model *m = e->model;

	for (size_t i = 0; i < m->n_images && m->n_env_files; i++) {
		uint64_t copied = time_of_copy(m->images[i]);

		for (size_t file = 0; copied && file < m->n_env_files; file++)
			evaluate_file(e, m->images[i], copied, file);
	}
}
