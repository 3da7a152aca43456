#include "symbols/source_maps.h"

#include "base/hashmap.h"
#include "shared/source_map.h"
#include "shared/source_map_path.h"
#include "shared/source_owner.h"
#include "symbols/script_file.h"
#include "trace/caller.h"
#include "trace/site.h"

/* Bytes of maps and scripts that one command searches, in some seconds, and
 * bytes of files that it keeps. */
enum { MOST_SEARCHED = 1 << 30, MOST_KEPT = 256 << 20 };

struct resolver {
	struct arena *arena;
	const struct trace *trace;
	struct hashmap *births;	 /* struct event, by image */
	struct hashmap *scripts; /* struct script_file, by path */
	struct hashmap *answers; /* struct answer, by column and site */
	struct source_map search;
	size_t searched, kept; /* bytes */
};

struct answer {
	struct str site; /* len 0: the script tells nothing of the place */
	uint64_t column;
	bool is_source;	  /* `site` is the source; else the place, marked */
	uint64_t changed; /* of the files */
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

/* Null: enough was read. */
static struct script_file *script_at(struct resolver *r, const char *path)
{
	struct script_file **slot = (struct script_file **)hashmap_slot(
		r->scripts, NULL, str_of(path));

	if (*slot || r->kept > MOST_KEPT)
		return *slot;
	*slot = script_file_read(r->arena, r->trace, path);
	r->kept += (*slot)->text.len + (*slot)->map.len;
	return *slot;
}

static size_t read_bytes(void *of, size_t at, char *to, size_t most)
{
	const struct str *text = of;
	size_t n = at < text->len ? text->len - at : 0;

	n = n < most ? n : most;
	memcpy(to, text->at + at, n);
	return n;
}

static bool find_source(struct resolver *r, struct script_file *s,
			uint64_t line, uint64_t column, struct answer *ret)
{
	struct json_stream_text text = {read_bytes, &s->map, s->map_begin,
					s->map_encoding};
	struct source_map_position at = {(uint32_t)line - 1,
					 column ? (uint32_t)column - 1
						: SOURCE_MAP_ANY_COLUMN};
	char path[2 * SOURCE_MAP_NAME];

	r->searched += s->map.len;
	if (!s->map.len || !line || r->searched > MOST_SEARCHED ||
	    !source_map_find(&r->search, &text, at) ||
	    !source_map_path(path, sizeof path, s->base, r->search.root,
			     r->search.name))
		return false;
	ret->site = arena_print(r->arena, "%s:%llu", path,
				1ull + r->search.found.line);
	ret->column = column ? 1ull + r->search.found.column : 0;
	return ret->is_source = true;
}

static bool is_minified(struct resolver *r, const struct script_file *s,
			uint64_t line)
{
	r->searched += s->text.len;
	return r->searched <= MOST_SEARCHED && script_line_is_minified(s, line);
}

static struct answer look_up(struct resolver *r, struct str site,
			     uint64_t column, bool has_map)
{
	enum { COLUMNS = 1000 }; /* nobody writes a line so long by hand */
	struct answer a = {.column = column};
	const char *path = path_of(r->arena, site_file(site));
	struct script_file *s = path ? script_at(r, path) : NULL;
	uint64_t line = site_line(site);

	if (s && s->text.len) {
		a.changed = s->changed;
		if (find_source(r, s, line, column, &a))
			return a;
		if (!s->is_compiled && !has_map && !is_minified(r, s, line))
			return a;
	} else if (!has_map && column < COLUMNS) {
		return a;
	}
	a.site = arena_print(r->arena, "%.*s" COMPILED_MARK, STR_FMT(site));
	return a;
}

/* What is known of the place without its files. */
static struct answer without_files(struct resolver *r, struct str site,
				   uint64_t column, bool has_map)
{
	struct answer a = {.column = column};

	if (has_map)
		a.site = arena_print(r->arena, "%.*s" COMPILED_MARK,
				     STR_FMT(site));
	return a;
}

static struct answer answer_for(struct resolver *r, const struct event *e,
				struct str site, uint64_t column)
{
	uintptr_t key = (uintptr_t)column * 2 + (e->map.len > 0);
	struct answer **slot = (struct answer **)hashmap_slot(
		r->answers, (const void *)key, site);

	if (!*slot) {
		*slot = TAKE(r->arena, struct answer, 1);
		**slot = look_up(r, site, column, e->map.len);
	}
	if ((*slot)->changed > wall_of(r, e))
		return without_files(r, site, column, e->map.len);
	return **slot;
}

/* --- one event ------------------------------------------------------------ */

static void resolve_site(struct resolver *r, struct event *e)
{
	struct answer a;

	if (e->generated.len || !may_be_compiled(e, site_file(e->site)))
		return;
	a = answer_for(r, e, e->site, e->column);
	if (!a.site.len)
		return;
	if (a.is_source)
		e->generated =
			e->column ? arena_print(r->arena, "%.*s:%llu",
						STR_FMT(e->site),
						(unsigned long long)e->column)
				  : e->site;
	e->compiled = !a.is_source;
	e->site = a.site;
	e->column = a.column;
	e->mapped_here = true;
}

static struct str resolve_caller(struct resolver *r, struct event *e,
				 struct str text, uint64_t column)
{
	struct caller c = caller_of(text);
	struct answer a;

	if (!is_javascript(site_file(c.site)) ||
	    !may_be_compiled(e, site_file(c.site)))
		return text;
	a = answer_for(r, &(struct event){.image = e->image, .t = e->t}, c.site,
		       column);
	if (!a.site.len)
		return text;
	e->mapped_here = true;
	return arena_print(r->arena, "%.*s%s%.*s", STR_FMT(a.site),
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
			     .trace = t,
			     .births = hashmap_new(a),
			     .scripts = hashmap_new(a),
			     .answers = hashmap_new(a)};

	for (size_t i = 0; i < t->n; i++)
		if (t->events[i].kind == KT_BIRTH)
			*hashmap_slot(r.births, NULL, t->events[i].image) =
				&t->events[i];
	for (size_t i = 0; i < t->n; i++) {
		struct event *e = &t->events[i];

		mark(a, e);
		if (!is_of_here(t, e))
			continue;
		resolve_site(&r, e);
		resolve_callers(&r, e);
	}
}
