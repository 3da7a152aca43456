#include "diagnosis/evidence/files/unread_file.h"

#include "diagnosis/evidence/ancestors.h"
#include "diagnosis/evidence/child_ordinal.h"

enum { MOST_LOOKS = 256 };

static const struct event *find_file(const struct model *m,
				     const struct image *image,
				     const struct event *open)
{
	for (size_t i = 0; i < m->n_env_files; i++)
		if (m->env_files[i]->t >= open->t &&
		    m->env_files[i]->source == image->source &&
		    str_eq(m->env_files[i]->path, open->path))
			return m->env_files[i];
	return NULL;
}

/* .env, .env.local, prod.env */
static bool has_name_of_env_file(struct str path)
{
	struct str base = str_base(path);

	return (str_has_suffix(base, STR(".env")) ||
		memmem(base.at, base.len, ".env.", 5)) &&
	       !is_example_file(base);
}

static bool may_shadow(const struct image *image, const struct event *open,
		       const struct reading *r)
{
	const struct value *held;

	return reads_file(open) && has_name_of_env_file(open->path) &&
	       model_held(image, r->name, open->t, &held) == PRESENT &&
	       str_eq(held->fp, r->value->fp);
}

/* `run` looks at files when its command ends: until then nobody knows whether a
 * shell gave the value as the file has it. */
static bool may_have_given(const struct image *image, const struct event *open,
			   const struct reading *r)
{
	return is_shell(image) && image != r->image &&
	       !model_has_ended(r->image) && reads_file(open) &&
	       has_name_of_env_file(open->path);
}

/* NAME=$(command) in a shell's file, or NAME=${OTHER}. */
static bool has_unknown_value(const struct event *file, struct str name)
{
	const struct file_variable *v = file_variable(file, name);

	return v && !v->value.fp.len && !v->spaced && !v->unclosed;
}

static struct unread_file find_unread_in(const struct model *m,
					 const struct image *image,
					 const struct reading *r,
					 uint64_t until)
{
	size_t looks = MOST_LOOKS;

	for (size_t i = image->n_opens; i-- && looks--;) {
		const struct event *open = image->opens[i], *file;
		bool changed;

		if (open->t > until)
			continue;
		file = find_file(m, image, open);
		if ((!file || has_unknown_value(file, r->name)) &&
		    may_have_given(image, open, r))
			return (struct unread_file){open, file, false, true};
		if (!may_shadow(image, open, r))
			continue;
		changed = file && is_changed_since(image, file, open->t);
		if (!file || changed || has_unknown_value(file, r->name))
			return (struct unread_file){open, file, changed, false};
	}
	return (struct unread_file){.open = NULL};
}

struct unread_file find_unread_env_file(const struct model *m,
					const struct reading *r)
{
	struct ancestor a = ancestor_itself(r->image, time_of_read(r));
	struct unread_file found = {.open = NULL};

	for (; a.image && !found.open; a = ancestor_above(a))
		found = find_unread_in(m, a.image, r, a.until);
	return found;
}
