#include "diagnosis/evidence/files/missed_file.h"

#include <errno.h>

#include "base/path.h"
#include "diagnosis/evidence/ancestors.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "model/place.h"
#include "shared/env_file_name.h"

/* --- files with the name that nobody on the way opened ----------------------
 */

static const struct event *opening_by(const struct image *image,
				      const struct event *file,
				      bool for_library)
{
	for (size_t i = 0; i < image->n_opens; i++) {
		const struct event *open = image->opens[i];

		if (!open->has_errno && !open->probe && !open->write &&
		    is_load_for_library(open) == for_library &&
		    str_eq(open->path, file->path))
			return open;
	}
	return NULL;
}

static bool is_opened_on_way(const struct image *image,
			     const struct event *file)
{
	struct ancestor a = ancestor_itself(image, UINT64_MAX);
	bool opened = false;

	for (; a.image && !opened && file->file->why == KT_FILE_OPENED;
	     a = ancestor_above(a))
		opened = opening_by(a.image, file, false);
	return opened;
}

static const struct file_variable *assignment_in(const struct event *file,
						 struct str name)
{
	const struct file_variable *v = file_variable(file, name);

	return v && v->value.fp.len && !(v->value.is & KT_IS_EMPTY) ? v : NULL;
}

/* The program looked at `t`: a file that was changed afterwards may not have
 * been there. */
static bool is_candidate(const struct image *image, const struct event *file,
			 struct str name, uint64_t t)
{
	return file->source == image->source && file->t >= image->born &&
	       is_env_file(file) && assignment_in(file, name) &&
	       !is_changed_since(image, file, t) &&
	       !is_opened_on_way(image, file);
}

/* --- in the reach of a program ---------------------------------------------
 */

static bool is_at_or_above(struct str folder, struct str path)
{
	return path_is_below(path, folder) ||
	       (folder.len > 1 && str_eq(path, folder));
}

/* Of config/.env, the folder that holds config. */
static struct str folder_of_project(struct str path)
{
	struct str folder = path_parent(path);

	return str_is_listed(str_base(folder), ENV_FILE_FOLDERS)
		       ? path_parent(folder)
		       : folder;
}

/* A file in the working directory, or beside the program, or above. */
static bool is_in_reach(const struct image *image, const struct event *file)
{
	struct str folder = folder_of_project(file->path);
	const struct strs *args = model_arguments(image);

	if (is_at_or_above(folder, image->cwd))
		return true;
	return file->file->why == KT_FILE_NEAR &&
	       (str_eq(file->file->for_path, image->exe) ||
		(args->n > 1 && is_at_or_above(folder, args->at[1])));
}

/* --- a place where somebody looked in vain ---------------------------------
 */

/* Both words begin alike, and the letters of the shorter stand in the longer in
 * this order: prod and prd for production. */
static bool is_short_for(struct str word, struct str whole)
{
	size_t i = 0;

	if (word.len < 2 || word.len >= whole.len || *word.at != *whole.at)
		return false;
	for (size_t k = 0; k < whole.len && i < word.len; k++)
		i += whole.at[k] == word.at[i];
	return i == word.len;
}

/* `prod` of .env.prod; len 0: another name. */
static struct str stage_of(struct str path)
{
	const struct str begin = STR(".env.");
	struct str base = str_base(path);

	if (!str_has_prefix(base, begin))
		return (struct str){NULL, 0};
	base = (struct str){base.at + begin.len, base.len - begin.len};
	return base.len && memchr(base.at, '.', base.len)
		       ? (struct str){NULL, 0}
		       : base;
}

bool is_of_same_stage(struct str path, struct str other)
{
	struct str a = stage_of(path), b = stage_of(other);

	return str_eq(path_parent(path), path_parent(other)) &&
	       (is_short_for(a, b) || is_short_for(b, a));
}

/* `run` found the file for this path; or it has the same name, in the reach of
 * the program, and another program opened it. */
static bool is_meant_by(const struct image *image, const struct event *open,
			const struct event *file)
{
	if (str_eq(file->file->for_path, open->path))
		return true;
	if (is_of_same_stage(open->path, file->path))
		return is_in_reach(image, file);
	return str_eq(str_base(file->path), str_base(open->path)) &&
	       is_in_reach(image, file);
}

static const struct event *find_file_for(const struct model *m,
					 const struct image *image,
					 const struct event *open,
					 struct str name)
{
	for (size_t i = 0; i < m->n_env_files; i++) {
		const struct event *file = m->env_files[i];

		if (is_meant_by(image, open, file) &&
		    is_candidate(image, file, name, open->t))
			return file;
	}
	return NULL;
}

/* The first of equal opens alone has the callers. */
static bool is_repeat(const struct event *open)
{
	return open->n > 1;
}

/* The first look with a line of the user's on the way; else the last: libraries
 * look for files of their own, too. */
static struct missed_file find_looked_for(const struct model *m,
					  const struct image *image,
					  struct str name, uint64_t t)
{
	struct missed_file last = {.file = NULL}, own = {.file = NULL};

	for (size_t i = image->n_opens; i--;) {
		const struct event *open = image->opens[i], *file;
		struct missed_file found;

		if (open->t > t || !open->has_errno || open->write ||
		    is_repeat(open))
			continue;
		file = find_file_for(m, image, open, name);
		if (!file)
			continue;
		found = (struct missed_file){.by = image,
					     .open = open,
					     .file = file,
					     .variable =
						     assignment_in(file, name)};
		if (own_line_of(open).len)
			own = found;
		if (!last.file)
			last = found;
	}
	return own.file ? own : last;
}

/* --- a file beside the program ---------------------------------------------
 */

struct file_opening find_other_load(const struct model *m,
				    const struct missed_file *missed)
{
	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *other = m->images[i];
		const struct event *open =
			is_ancestor(other, missed->by)
				? NULL
				: opening_by(other, missed->file, false);

		if (open)
			return (struct file_opening){other, open};
	}
	return (struct file_opening){.by = NULL};
}

/* Nobody opened the file, or a library of the program for itself. */
static bool is_left_unread(const struct image *image, const struct event *file)
{
	return file->file->why != KT_FILE_OPENED ||
	       opening_by(image, file, true);
}

/* The worker does not load the file that the web process of the tree loads. */
static bool is_loaded_beside(const struct model *m, const struct image *image,
			     const struct event *file, struct str name)
{
	const struct missed_file missed = {.by = image, .file = file};
	const struct image *other = find_other_load(m, &missed).by;

	return other && other->root == image->root &&
	       other->owner == image->owner &&
	       model_is_evidence(other, image) && holds_value(other, name);
}

/* `t` UINT64_MAX: the program may have asked at any time. */
static struct missed_file find_near(const struct model *m,
				    const struct image *image, struct str name,
				    uint64_t t, bool loaded_beside)
{
	uint64_t asked = t == UINT64_MAX ? image->born : t;

	for (size_t i = 0; i < m->n_env_files; i++) {
		const struct event *file = m->env_files[i];

		if (is_candidate(image, file, name, asked) &&
		    is_in_reach(image, file) &&
		    (loaded_beside ? is_loaded_beside(m, image, file, name)
				   : is_left_unread(image, file)))
			return (struct missed_file){
				.by = image,
				.file = file,
				.variable = assignment_in(file, name),
				.is_loaded_beside = loaded_beside};
	}
	return (struct missed_file){.file = NULL};
}

struct missed_file find_missed_file(const struct model *m,
				    const struct image *image, struct str name,
				    uint64_t t)
{
	struct ancestor a = ancestor_itself(image, t);
	struct missed_file found = {.file = NULL};

	for (; a.image && !found.file; a = ancestor_above(a))
		found = find_looked_for(m, a.image, name, a.until);
	if (!found.file)
		found = find_near(m, image, name, t, false);
	return found.file || t == UINT64_MAX
		       ? found
		       : find_near(m, image, name, t, true);
}

struct missed_file find_later_file(const struct model *m,
				   const struct image *image, struct str name,
				   uint64_t t)
{
	for (size_t i = 0; i < m->n_env_files; i++) {
		const struct event *file = m->env_files[i];

		if (file->source == image->source && is_env_file(file) &&
		    assignment_in(file, name) &&
		    is_changed_since(image, file, t) &&
		    (is_in_reach(image, file) ||
		     opening_by(image, file, false)))
			return (struct missed_file){
				.by = image,
				.file = file,
				.variable = assignment_in(file, name)};
	}
	return (struct missed_file){.file = NULL};
}

static bool is_read_env_file(const struct event *open)
{
	return !open->has_errno && !open->probe && !open->write &&
	       !is_load_for_library(open) &&
	       env_file_kind_of(open->path.at, open->path.len) ==
		       ENV_FILE_ASSIGNS &&
	       env_file_is_real(open->path.at, open->path.len);
}

/* The file was looked into, has not changed since, and lacks the name. */
static bool lacks_name(const struct model *m, const struct image *image,
		       const struct event *open, struct str name)
{
	bool seen = false;

	for (size_t i = 0; i < m->n_env_files; i++) {
		const struct event *file = m->env_files[i];

		if (file->source != image->source || file->t < open->t ||
		    !str_eq(file->path, open->path))
			continue;
		if (file_variable(file, name) ||
		    is_changed_since(image, file, open->t))
			return false;
		seen = true;
	}
	return seen;
}

struct str find_file_without_name(const struct model *m,
				  const struct image *image, struct str name,
				  uint64_t t)
{
	struct ancestor a = ancestor_itself(image, t);

	for (; a.image; a = ancestor_above(a))
		for (size_t i = a.image->n_opens; i--;) {
			const struct event *open = a.image->opens[i];

			if (open->t <= a.until && is_read_env_file(open) &&
			    lacks_name(m, a.image, open, name))
				return open->path;
		}
	return (struct str){NULL, 0};
}

static bool is_vain_look(const struct event *open)
{
	return open->has_errno && open->error == ENOENT && !open->write &&
	       !is_repeat(open) &&
	       env_file_kind_of(open->path.at, open->path.len) ==
		       ENV_FILE_ASSIGNS &&
	       env_file_is_real(open->path.at, open->path.len) &&
	       own_line_of(open).len;
}

struct file_opening find_vain_look(const struct image *image, uint64_t t)
{
	struct ancestor a = ancestor_itself(image, t);
	struct file_opening found = {.by = NULL};

	for (; a.image; a = ancestor_above(a))
		for (size_t i = 0; i < a.image->n_opens; i++) {
			const struct event *open = a.image->opens[i];

			if (open->t > a.until)
				break;
			if (is_read_env_file(open))
				return (struct file_opening){.by = NULL};
			if (!found.by && is_vain_look(open))
				found = (struct file_opening){a.image, open};
		}
	return found;
}
