#include "command_sites/outdated_places.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/read_file.h"
#include "command_sites/written_files.h"
#include "model/place.h"
#include "shared/source_owner.h"
#include "trace/caller.h"
#include "trace/site.h"

struct place_file {
	bool is_there, is_missing, is_listed;
	uint64_t written; /* ms */
};

struct search {
	struct arena *arena;
	struct hashmap *files; /* struct place_file, by path */
	struct hashmap *known; /* the same, by program and file of a site */
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
	(*slot)->is_there = !lstat(path.at, &st);
	if ((*slot)->is_there)
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

/* Its file is missing nowhere, and was never written. */
static struct place_file no_file;

static struct place_file *find_file(struct search *s, struct str file)
{
	struct str path;

	if (!may_be_path(file) || !is_own(file))
		return &no_file;
	path = path_below(s->arena, s->program->cwd, file);
	return path.len ? look_at(s, path) : &no_file;
}

static struct place_file *file_of(struct search *s, struct str site)
{
	struct str file = site_file(place_without_scheme(site));
	void **slot;

	if (!place_has_line(site) || site_is_marked(site))
		return &no_file;
	slot = hashmap_slot(s->known, s->program, file);
	if (!*slot)
		*slot = find_file(s, file);
	return *slot;
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

static bool is_there(struct search *s, struct str name)
{
	struct str path = path_below(s->arena, s->program->cwd, name);

	return path.len && look_at(s, path)->is_there;
}

static bool is_of_this_root(struct search *s)
{
	return is_there(s, model_first_operand(s->program)) ||
	       (is_own(s->program->exe) && is_there(s, s->program->exe));
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

	note_edited(s, file, site, wall);
	return file->is_missing && !is_mapped;
}

static void look_at_callers(struct search *s, struct event *e, bool is_mapped,
			    uint64_t wall)
{
	struct strs callers = e->callers;

	for (size_t i = 0; i < callers.n; i++) {
		struct str site = caller_of(callers.at[i]).site;

		if (!look_at_place(s, is_mapped, site, wall))
			continue;
		if (callers.at == e->callers.at) {
			callers.at = TAKE(s->arena, struct str, callers.n);
			memcpy(callers.at, e->callers.at,
			       callers.n * sizeof *callers.at);
		}
		callers.at[i] = marked(s->arena, callers.at[i]);
		e->mapped_here = true;
	}
	e->callers = callers;
}

static void look_at_event(struct search *s, struct event *e, uint64_t wall)
{
	bool is_mapped = e->generated.len || e->mapped_here;

	if (look_at_place(s, is_mapped, e->site, wall)) {
		e->site = arena_print(s->arena, "%.*s" COMPILED_MARK,
				      STR_FMT(e->site));
		e->compiled = e->mapped_here = true;
	}
	look_at_callers(s, e, is_mapped, wall);
}

/* True for a place that the report found by files: they were compared. */
static bool is_compared(const struct event *e)
{
	return e->generated.len && e->mapped_here;
}

static void look_at_image(struct search *s, const struct image *image)
{
	s->program = model_program(image);
	if (image->owner || !image->n_events || !is_of_this_root(s))
		return;
	for (size_t k = 0; k < image->n_events; k++) {
		struct event *e = model_event_to_write(image->events[k]);

		if (e->site.len && !is_compared(e))
			look_at_event(s, e, model_wall_at(image, e->t));
	}
}

void look_at_place_files(struct arena *a, struct trace *t,
			 const struct model *m)
{
	struct search s = {.arena = a,
			   .files = hashmap_new(a),
			   .known = hashmap_new(a),
			   .trace = t};

	t->edited = (struct strs){NULL, 0};
	for (size_t i = 0; i < m->n_images; i++)
		look_at_image(&s, m->images[i]);
}
