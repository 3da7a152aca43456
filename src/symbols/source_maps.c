#include "symbols/source_maps.h"

#include "base/hashmap.h"
#include "shared/source_map_path.h"
#include "shared/source_owner.h"
#include "symbols/mapped_place.h"
#include "trace/caller.h"
#include "trace/site.h"

struct resolver {
	struct arena *arena;
	struct hashmap *births;	 /* struct event, by image */
	struct hashmap *answers; /* struct answer, by column and site */
	struct map_files files;
};

struct answer {
	struct mapped_place source; /* site.len 0: not known */
	bool is_compiled, has_map;
	uint64_t changed; /* of the script and its map */
};

/* --- which places --------------------------------------------------------- */

static bool ends_with(struct str s, struct str end)
{
	return s.len > end.len &&
	       !memcmp(s.at + s.len - end.len, end.at, end.len);
}

static bool is_javascript(struct str file)
{
	return ends_with(file, STR(".js")) || ends_with(file, STR(".cjs")) ||
	       ends_with(file, STR(".mjs"));
}

/* The source of a library's script is in no package: readers of a report find
 * the script alone. */
static bool may_be_compiled(const struct event *e, struct str file)
{
	bool is_named = e->map.len || is_javascript(file);

	return is_named &&
	       find_source_owner(file.at, file.len).owner == SOURCE_OWN;
}

/* The absolute path of a script, or null. */
static const char *path_of(struct arena *a, struct str file)
{
	const struct str scheme = STR("file://");
	bool is_url = file.len > scheme.len &&
		      !memcmp(file.at, scheme.at, scheme.len);
	size_t skip = is_url ? scheme.len : 0;
	char *path;

	if (!file.len || memchr(file.at, '\0', file.len))
		return NULL;
	path = TAKE(a, char, file.len - skip + 1);
	memcpy(path, file.at + skip, file.len - skip);
	if (is_url)
		percent_decode(path);
	return *path == '/' ? path : NULL;
}

/* The time of an event in ms; 0: not known. */
static uint64_t wall_of(const struct resolver *r, const struct event *e)
{
	const struct event *birth = hashmap_find(r->births, NULL, e->image);

	for (int ups = 64; birth && !birth->wall && ups; ups--)
		birth = hashmap_find(r->births, NULL, birth->parent);
	if (!birth || !birth->wall)
		return 0;
	return birth->wall +
	       (e->t > birth->t ? (e->t - birth->t) / 1000000 : 0);
}

/* --- one place ------------------------------------------------------------ */

static bool is_minified_line(struct resolver *r, const struct script_file *s,
			     uint64_t line)
{
	return map_files_may_search(&r->files, s->text.len) &&
	       script_line_is_minified(s, line);
}

static struct answer look_up(struct resolver *r, struct str site,
			     uint64_t column, bool has_map)
{
	enum { COLUMNS = 1000 }; /* nobody writes a line so long by hand */
	const char *path = path_of(r->arena, site_file(site));
	struct script_file *s = path ? map_files_script(&r->files, path) : NULL;
	struct answer a = {.is_compiled = has_map || column >= COLUMNS};

	if (!s || !s->text.len)
		return a;
	a.changed = s->changed;
	a.has_map = s->map.len;
	mapped_place_find(&r->files, s, path, site_line(site), column,
			  &a.source);
	a.is_compiled = s->is_compiled || has_map ||
			is_minified_line(r, s, site_line(site));
	return a;
}

/* What is told of a place. */
struct told {
	struct str site; /* len 0: what the event says */
	uint64_t column;
	bool is_source;
};

static struct told told_by(struct resolver *r, const struct answer *a,
			   uint64_t wall, struct str site, uint64_t column,
			   bool has_map)
{
	bool is_changed = a->changed > wall;

	if (a->source.site.len && !is_changed && a->source.changed <= wall)
		return (struct told){a->source.site, a->source.column, true};
	if (is_changed ? has_map : a->is_compiled)
		site = arena_print(r->arena, "%.*s" COMPILED_MARK,
				   STR_FMT(site));
	else
		site.len = 0;
	return (struct told){site, column, false};
}

static const struct answer *answer_for(struct resolver *r, struct str site,
				       uint64_t column, bool has_map)
{
	uintptr_t key = (uintptr_t)column * 2 + has_map;
	struct answer **slot = (struct answer **)hashmap_slot(
		r->answers, (const void *)key, site);

	if (!*slot) {
		*slot = TAKE(r->arena, struct answer, 1);
		**slot = look_up(r, site, column, has_map);
	}
	return *slot;
}

static struct told told_of(struct resolver *r, const struct event *e,
			   struct str site, uint64_t column)
{
	bool has_map = e->map.len;

	return told_by(r, answer_for(r, site, column, has_map), wall_of(r, e),
		       site, column, has_map);
}

/* --- names ---------------------------------------------------------------- */

static bool begins(struct str s, struct str with)
{
	return s.len > with.len && !memcmp(s.at, with.at, with.len);
}

static bool is_script(struct str file)
{
	return is_javascript(file) || ends_with(file, STR(".ts")) ||
	       ends_with(file, STR(".mts")) || ends_with(file, STR(".tsx")) ||
	       ends_with(file, STR(".jsx"));
}

/* The path of a module that a bundler evaluates under a URL
 * ("webpack://app/./src/app.js?1f2e"). len 0: the name is another. */
static struct str path_of_module(struct arena *a, struct str file)
{
	struct str name = arena_print(a, "%.*s", STR_FMT(file));
	char path[2 * SOURCE_MAP_NAME];

	if ((!begins(file, STR("webpack://")) &&
	     !begins(file, STR("webpack-internal://"))) ||
	    !source_map_path(path, sizeof path, "", "", name.at))
		return (struct str){NULL, 0};
	return arena_print(a, "%s", path);
}

/* Of "/app/main.mjs?v=2", which is the name of a module that was loaded anew.
 */
static struct str without_query(struct str file)
{
	const char *query = file.len ? memchr(file.at, '?', file.len) : NULL;
	struct str path = {file.at, query ? (size_t)(query - file.at) : 0};

	return query && is_script(path) ? path : file;
}

/* Puts a path in place of the name of a module. True: what runs is what a
 * bundler made of that file. */
static bool undo_name(struct arena *a, struct str *site)
{
	struct str file = site_file(*site);
	struct str module = path_of_module(a, file);
	struct str path = module.len ? module : without_query(file);

	if (!file.len || memchr(file.at, '\0', file.len) || str_eq(path, file))
		return false;
	*site = arena_print(a, "%.*s%.*s", STR_FMT(path),
			    (int)(site->len - file.len), site->at + file.len);
	return module.len;
}

static void undo_caller(struct arena *a, struct str *caller)
{
	struct caller c = caller_of(*caller);
	struct str before = c.site;
	bool is_compiled = undo_name(a, &c.site);

	if (str_eq(before, c.site))
		return;
	*caller = arena_print(a, "%.*s%s%s%.*s", STR_FMT(c.site),
			      is_compiled ? COMPILED_MARK : "",
			      c.function.len ? " " : "", STR_FMT(c.function));
}

static void undo_names(struct arena *a, struct event *e)
{
	struct strs callers = {TAKE(a, struct str, e->callers.n + 1),
			       e->callers.n};
	struct str before = e->site;

	if (!before.len || !memchr(before.at, ':', before.len))
		return;
	e->compiled |= undo_name(a, &e->site);
	e->mapped_here |= !str_eq(before, e->site);
	for (size_t i = 0; i < callers.n; i++) {
		callers.at[i] = e->callers.at[i];
		undo_caller(a, &callers.at[i]);
		e->mapped_here |= !str_eq(callers.at[i], e->callers.at[i]);
	}
	if (callers.n)
		e->callers = callers;
}

/* --- one event ------------------------------------------------------------ */

/* The recorder believed an inline map of a script that is a file. */
static void check_site(struct resolver *r, struct event *e)
{
	struct str site = site_file(e->generated); /* FILE:LINE:COLUMN */
	uint64_t column = site_line(e->generated), wall = wall_of(r, e);
	const struct answer *a;
	struct told told;

	if (!is_javascript(site_file(site)))
		return;
	a = answer_for(r, site, column, true);
	told = told_by(r, a, wall, site, column, true);
	if (!a->has_map || a->changed > wall || told.is_source)
		return;
	e->generated.len = 0;
	e->compiled = e->mapped_here = true;
	e->site = told.site;
	e->column = column;
}

static void resolve_site(struct resolver *r, struct event *e)
{
	struct told told;

	if (e->generated.len) {
		check_site(r, e);
		return;
	}
	if (!may_be_compiled(e, site_file(e->site)))
		return;
	told = told_of(r, e, e->site, e->column);
	if (!told.site.len)
		return;
	if (told.is_source)
		e->generated =
			e->column ? arena_print(r->arena, "%.*s:%llu",
						STR_FMT(e->site),
						(unsigned long long)e->column)
				  : e->site;
	e->compiled = !told.is_source;
	e->site = told.site;
	e->column = told.column;
	e->mapped_here = true;
}

static struct str resolve_caller(struct resolver *r, struct event *e,
				 struct str text, uint64_t column)
{
	struct caller c = caller_of(text);
	struct told told;

	if (!is_javascript(site_file(c.site)) ||
	    !may_be_compiled(e, site_file(c.site)))
		return text;
	told = told_of(r, &(struct event){.image = e->image, .t = e->t}, c.site,
		       column);
	if (!told.site.len)
		return text;
	e->mapped_here = true;
	return arena_print(r->arena, "%.*s%s%.*s", STR_FMT(told.site),
			   c.function.len ? " " : "", STR_FMT(c.function));
}

static void resolve_callers(struct resolver *r, struct event *e)
{
	struct strs callers = {TAKE(r->arena, struct str, e->callers.n),
			       e->callers.n};

	if (!callers.n)
		return;
	for (size_t i = 0; i < callers.n; i++)
		callers.at[i] = resolve_caller(
			r, e, e->callers.at[i],
			i < e->caller_columns.n ? e->caller_columns.at[i] : 0);
	e->callers = callers;
}

/* A packed event has its answer. */
static void mark(struct arena *a, struct event *e)
{
	if (e->compiled && !site_is_marked(e->site))
		e->site =
			arena_print(a, "%.*s" COMPILED_MARK, STR_FMT(e->site));
}

static bool is_of_here(const struct trace *t, const struct event *e)
{
	return t->n_files && !t->n_loose_files && !e->owner && e->site.len;
}

void source_maps_resolve(struct arena *a, struct trace *t)
{
	struct resolver r = {.arena = a,
			     .births = hashmap_new(a),
			     .answers = hashmap_new(a),
			     .files = map_files_of(a, t)};

	for (size_t i = 0; i < t->n; i++)
		if (t->events[i].kind == KT_BIRTH)
			*hashmap_slot(r.births, NULL, t->events[i].image) =
				&t->events[i];
	for (size_t i = 0; i < t->n; i++) {
		struct event *e = &t->events[i];

		undo_names(a, e);
		mark(a, e);
		if (!is_of_here(t, e))
			continue;
		resolve_site(&r, e);
		resolve_callers(&r, e);
	}
}
