#include "command_sites/missing_file.h"

#include <errno.h>
#include <sys/stat.h>

#include "command_sites/written_file.h"
#include "model/place.h"
#include "shared/source_owner.h"
#include "trace/caller.h"
#include "trace/site.h"

struct search {
	struct arena *arena;
	struct hashmap *answers; /* by path: a struct str, len 0: missing */
	const struct image *program;
};

/* --- files ---------------------------------------------------------------- */

/* A module of an archive: app.pyz/helper.py. */
static bool is_in_archive(struct arena *a, struct str path)
{
	struct stat st;

	while (path.len > 1) {
		path.len -= str_base(path).len + 1;
		if (path.len &&
		    !stat(arena_print(a, "%.*s", STR_FMT(path)).at, &st))
			return !S_ISDIR(st.st_mode);
	}
	return false;
}

static bool is_missing(struct search *s, struct str path)
{
	struct str **slot = (struct str **)hashmap_slot(s->answers, NULL, path);
	struct stat st;

	if (!*slot) {
		*slot = TAKE(s->arena, struct str, 1);
		**slot = path;
		if (lstat(path.at, &st) && errno == ENOENT &&
		    !is_in_archive(s->arena, path))
			(*slot)->len = 0;
	}
	return !(*slot)->len;
}

/* "<string>", "-e", "(eval)" and the like name no file, nor does a URL. */
static bool may_be_path(struct str name)
{
	if (!name.len || strchr("-(<[", *name.at))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (strchr("<>(", name.at[i]) || name.at[i] == '\0')
			return false;
	return !memmem(name.at, name.len, "://", 3) &&
	       !memmem(name.at, name.len, "***", 3) &&
	       (memchr(name.at, '/', name.len) ||
		memchr(name.at, '.', name.len));
}

static bool is_own(struct str path)
{
	return find_source_owner(path.at, path.len).owner == SOURCE_OWN;
}

static bool names_missing_file(struct search *s, struct str site)
{
	struct str file = site_file(place_without_scheme(site));
	struct str path;

	if (!place_has_line(site) || site_is_marked(site) ||
	    !may_be_path(file) || !is_own(file))
		return false;
	path = path_below(s->arena, s->program->cwd, file);
	return path.len && is_missing(s, path);
}

/* --- images --------------------------------------------------------------- */

static const struct image *program_of(const struct image *image)
{
	while (image->parent && model_is_fork_or_thread(image))
		image = image->parent;
	return image;
}

/* The first argument that is no option. */
static struct str first_operand(const struct image *program)
{
	const struct strs *args = model_arguments(program);
	size_t i = 1;

	while (i < args->n && args->at[i].len && *args->at[i].at == '-')
		i++;
	return i < args->n ? args->at[i] : (struct str){NULL, 0};
}

static bool is_of_this_root(struct arena *a, const struct image *program)
{
	struct str script = path_below(a, program->cwd, first_operand(program));

	return is_written_there(script) ||
	       (program->exe.len && is_own(program->exe) &&
		is_written_there(path_below(a, program->cwd, program->exe)));
}

static struct str marked(struct arena *a, struct str caller)
{
	struct caller c = caller_of(caller);

	return arena_print(a, "%.*s" COMPILED_MARK "%s%.*s", STR_FMT(c.site),
			   c.function.len ? " " : "", STR_FMT(c.function));
}

static void mark_event(struct search *s, struct event *e)
{
	struct strs callers = {TAKE(s->arena, struct str, e->callers.n + 1),
			       e->callers.n};

	if (names_missing_file(s, e->site)) {
		e->site = arena_print(s->arena, "%.*s" COMPILED_MARK,
				      STR_FMT(e->site));
		e->compiled = e->mapped_here = true;
	}
	for (size_t i = 0; i < callers.n; i++) {
		callers.at[i] = e->callers.at[i];
		if (!names_missing_file(s, caller_of(callers.at[i]).site))
			continue;
		callers.at[i] = marked(s->arena, callers.at[i]);
		e->mapped_here = true;
	}
	if (callers.n)
		e->callers = callers;
}

void mark_missing_files(struct arena *a, const struct model *m)
{
	struct search s = {.arena = a, .answers = hashmap_new(a)};

	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *image = m->images[i];

		s.program = program_of(image);
		if (image->owner || !image->n_events ||
		    !is_of_this_root(a, s.program))
			continue;
		/* The trace is the caller's, and the model a view of it. */
		for (size_t k = 0; k < image->n_events; k++) {
			struct event *e = (struct event *)image->events[k];

			if (e->site.len && !e->generated.len)
				mark_event(&s, e);
		}
	}
}
