#include "command_sites/unexported.h"

#include "base/path.h"
#include "command_sites/shell/posix_part.h"
#include "command_sites/shell/script_expansions.h"
#include "runtimes/runtime.h"

enum { HIGHEST = 16 };

/* --- the script ------------------------------------------------------------
 */

/* The first argument that is no option; len 0: a text of -c, or none. */
static struct str script_of(const struct image *image)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 1; i < args->n; i++) {
		struct str word = args->at[i];

		if (!word.len || *word.at != '-')
			return word;
		if (word.len > 1 && word.at[1] != '-' &&
		    memchr(word.at, 'c', word.len))
			break;
	}
	return (struct str){NULL, 0};
}

/* The nearest .envrc, in the working directory or above. */
static struct str find_envrc(struct arena *a, const struct image *direnv)
{
	struct str at = direnv->cwd;

	for (int i = 0; at.len && i < HIGHEST; i++, at = path_parent(at)) {
		struct str path = path_below(a, at, STR(".envrc"));

		if (is_written_there(path))
			return path;
		if (at.len == 1)
			break;
	}
	return (struct str){NULL, 0};
}

static void read_script(struct assignments *all, const struct image *image)
{
	struct str program = str_base(image->exe);
	struct arena *a = all->files->arena;
	struct str script = runtime_script(image);

	if (script.len) {
		script = path_below(a, image->cwd, script);
		read_posix_script(all, script, image->cwd);
		read_posix_removals(all, script, image->cwd);
	} else if (str_eq(program, STR("fish")))
		read_fish_script(all,
				 path_below(a, image->cwd, script_of(image)));
	else if (str_is_listed(program, "tcsh csh bsd-csh"))
		read_csh_script(all,
				path_below(a, image->cwd, script_of(image)));
	else if (str_eq(program, STR("direnv")))
		read_posix_script(all, find_envrc(a, image), image->cwd);
}

/* --- the shells ------------------------------------------------------------
 */

static struct hashmap *missed_names(struct arena *a, const struct model *m,
				    size_t *ret_n)
{
	struct hashmap *names = hashmap_new(a);

	*hashmap_slot(names, NULL, STR(ANY_NAME)) = names;
	for (size_t i = *ret_n = 0; i < m->n_variables; i++)
		if (m->variables[i].missed) {
			*hashmap_slot(names, NULL, m->variables[i].name) =
				names;
			++*ret_n;
		}
	return names;
}

static bool may_run_script(const struct image *image)
{
	return !model_is_fork_or_thread(image) && image->birth &&
	       image->observed && !image->birth->owner &&
	       !image->birth->unexported.n &&
	       (runtime_of(image)->id == RUNTIME_SHELL ||
		str_is_listed(str_base(image->exe), "tcsh csh bsd-csh direnv"));
}

/* A script that thousands of shells run is read once in each directory. */
static struct unexported_list list_for(struct written_files *files,
				       struct hashmap *known,
				       struct hashmap *wanted,
				       const struct image *image)
{
	struct assignments all = {.files = files,
				  .shell = image,
				  .wanted = wanted,
				  .exported = hashmap_new(files->arena),
				  .valued = hashmap_new(files->arena)};
	struct str key = arena_print(files->arena, "%.*s\n%.*s\n%.*s",
				     STR_FMT(image->exe), STR_FMT(image->cwd),
				     STR_FMT(image->command));
	struct unexported_list **slot =
		(struct unexported_list **)hashmap_slot(known, NULL, key);

	if (!*slot) {
		read_script(&all, image);
		assignments_join_local(&all);
		assignments_drop_exported(&all);
		assignments_join_held(&all);
		*slot = TAKE(files->arena, struct unexported_list, 1);
		**slot = (struct unexported_list){all.at, all.n};
	}
	return **slot;
}

void find_unexported(struct written_files *files, const struct model *m)
{
	struct hashmap *known = hashmap_new(files->arena);
	size_t n;
	struct hashmap *wanted = missed_names(files->arena, m, &n);

	for (size_t i = 0; i < m->n_images && n; i++) {
		struct event *e = model_event_to_write(m->images[i]->birth);

		if (!may_run_script(m->images[i]))
			continue;
		e->unexported = list_for(files, known, wanted, m->images[i]);
		e->unexported_is_new = e->unexported.n;
	}
}

/* --- names that a shell expands in vain -------------------------------------
 */

static struct hashmap *held_names(struct arena *a, const struct model *m)
{
	struct hashmap *names = hashmap_new(a);

	for (size_t i = 0; i < m->n_variables; i++)
		if (m->variables[i].holders)
			*hashmap_slot(names, NULL, m->variables[i].name) =
				names;
	return names;
}

/* A script that thousands of shells run is read once in each directory. */
static struct script_expansions expansions_of(struct written_files *files,
					      struct hashmap *known,
					      struct hashmap *wanted,
					      const struct image *shell)
{
	struct str key =
		arena_print(files->arena, "%.*s\n%.*s", STR_FMT(shell->cwd),
			    STR_FMT(shell->command));
	struct script_expansions **slot =
		(struct script_expansions **)hashmap_slot(known, NULL, key);

	if (!*slot) {
		*slot = TAKE(files->arena, struct script_expansions, 1);
		**slot = find_script_expansions(files, shell, wanted);
	}
	return **slot;
}

static struct str place_of(struct arena *a, const struct script_expansion *e)
{
	return e->path.len ? site_at(a, e->path, e->expansion.line) : e->path;
}

/* "NAME=FILE:LINE" of each name that the shell lacks; of a text of -c, "NAME=".
 */
static struct strs lacked_by(struct arena *a, const struct image *shell,
			     struct script_expansions found)
{
	struct strs list = {TAKE(a, struct str, found.n + 1), 0};
	const struct value *value;

	for (size_t i = 0; i < found.n; i++) {
		const struct expansion *e = &found.at[i].expansion;

		if (!e->instead.len &&
		    model_inherited(shell, e->name, &value) == ABSENT)
			list.at[list.n++] =
				arena_print(a, "%.*s=%.*s", STR_FMT(e->name),
					    STR_FMT(place_of(a, &found.at[i])));
	}
	return list;
}

void find_expanded(struct written_files *files, const struct model *m)
{
	struct arena *a = files->arena;
	struct hashmap *known = hashmap_new(a), *wanted = held_names(a, m);

	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *shell = m->images[i];
		struct event *e = model_event_to_write(shell->birth);

		if (!may_run_script(shell) || e->expanded.n ||
		    runtime_of(shell)->id != RUNTIME_SHELL)
			continue;
		e->expanded = lacked_by(
			a, shell, expansions_of(files, known, wanted, shell));
		e->expanded_is_new = e->expanded.n;
	}
}
