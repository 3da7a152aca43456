#include "command_sites/place_files.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/read_file.h"
#include "command_sites/written_file.h"
#include "model/place.h"
#include "shared/source_owner.h"
#include "trace/caller.h"
#include "trace/site.h"

struct place_file {
	bool is_missing, is_listed;
	uint64_t written; /* ms */
};

struct search {
	struct arena *arena;
	struct hashmap *files; /* struct place_file, by path */
	struct trace *trace;
	size_t room; /* of trace->edited */
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

static struct place_file *look_at(struct search *s, struct str path)
{
	struct place_file **slot =
		(struct place_file **)hashmap_slot(s->files, NULL, path);
	struct stat st;

	if (*slot)
		return *slot;
	*slot = TAKE(s->arena, struct place_file, 1);
	if (!lstat(path.at, &st))
		(*slot)->written = S_ISREG(st.st_mode) ? last_write_ms(&st) : 0;
	else
		(*slot)->is_missing =
			errno == ENOENT && !is_in_archive(s->arena, path);
	return *slot;
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

/* Null: the place is in no file of the user's own. */
static struct place_file *file_of(struct search *s, struct str site)
{
	struct str file = site_file(place_without_scheme(site));
	struct str path;

	if (!place_has_line(site) || site_is_marked(site) ||
	    !may_be_path(file) || !is_own(file))
		return NULL;
	path = path_below(s->arena, s->program->cwd, file);
	return path.len ? look_at(s, path) : NULL;
}

static void note_edited(struct search *s, struct place_file *file,
			struct str site, uint64_t wall)
{
	struct strs *edited = &s->trace->edited;

	if (!wall || file->written <= wall || file->is_listed)
		return;
	file->is_listed = true;
	*ARRAY_ADD(s->arena, edited->at, edited->n, s->room) = site_file(site);
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

/* True when the file of the place is not there. A source that a map names need
 * not be there: the script alone may be shipped. */
static bool look_at_place(struct search *s, bool is_mapped, struct str site,
			  uint64_t wall)
{
	struct place_file *file = file_of(s, site);

	if (file)
		note_edited(s, file, site, wall);
	return file && file->is_missing && !is_mapped;
}

static void look_at_event(struct search *s, struct event *e, uint64_t wall)
{
	struct strs callers = {TAKE(s->arena, struct str, e->callers.n + 1),
			       e->callers.n};
	bool is_mapped = e->generated.len || e->mapped_here;

	if (look_at_place(s, is_mapped, e->site, wall)) {
		e->site = arena_print(s->arena, "%.*s" COMPILED_MARK,
				      STR_FMT(e->site));
		e->compiled = e->mapped_here = true;
	}
	for (size_t i = 0; i < callers.n; i++) {
		callers.at[i] = e->callers.at[i];
		if (!look_at_place(s, is_mapped, caller_of(callers.at[i]).site,
				   wall))
			continue;
		callers.at[i] = marked(s->arena, callers.at[i]);
		e->mapped_here = true;
	}
	if (callers.n)
		e->callers = callers;
}

/* The time of an event in ms; 0: not known. */
static uint64_t wall_of(const struct image *image, const struct event *e)
{
	while (image && !(image->birth && image->birth->wall))
		image = image->parent;
	if (!image || e->t < image->birth->t)
		return 0;
	return image->birth->wall + (e->t - image->birth->t) / 1000000;
}

/* True for a place that the report found by files: they were compared. */
static bool is_compared(const struct event *e)
{
	return e->generated.len && e->mapped_here;
}

static void look_at_image(struct search *s, const struct image *image)
{
	s->program = program_of(image);
	if (image->owner || !image->n_events ||
	    !is_of_this_root(s->arena, s->program))
		return;
	/* The trace is the caller's, and the model a view of it. */
	for (size_t k = 0; k < image->n_events; k++) {
		struct event *e = (struct event *)image->events[k];

		if (e->site.len && !is_compared(e))
			look_at_event(s, e, wall_of(image, e));
	}
}

void look_at_place_files(struct arena *a, struct trace *t,
			 const struct model *m)
{
	struct search s = {.arena = a, .files = hashmap_new(a), .trace = t};

	t->edited = (struct strs){NULL, 0};
	for (size_t i = 0; i < m->n_images; i++)
		look_at_image(&s, m->images[i]);
}
