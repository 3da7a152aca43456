#include "symbols/mapped_place.h"

#include "shared/source_map_path.h"
#include "symbols/source_map_fit.h"

/* Bytes of maps and scripts that one command searches, in some seconds, bytes
 * of files that it keeps, and bytes of a source. */
enum { MOST_SEARCHED = 1 << 30, MOST_KEPT = 256 << 20, MOST_CONTENT = 4 << 20 };

struct source_text {
	struct text_lines lines; /* n 0: not known */
	uint64_t changed, written;
};

/* --- files ---------------------------------------------------------------- */

struct map_files map_files_of(struct arena *a, const struct trace *t)
{
	return (struct map_files){.arena = a,
				  .trace = t,
				  .scripts = hashmap_new(a),
				  .sources = hashmap_new(a),
				  .texts = hashmap_new(a)};
}

struct script_file *map_files_script(struct map_files *f, const char *path)
{
	struct script_file **slot = (struct script_file **)hashmap_slot(
		f->scripts, NULL, str_of(path));

	if (*slot || f->kept > MOST_KEPT)
		return *slot;
	*slot = script_file_read(f->arena, f->trace, path);
	f->kept += (*slot)->text.len + (*slot)->map.len;
	return *slot;
}

bool map_files_may_search(struct map_files *f, size_t bytes)
{
	f->searched += bytes;
	return f->searched <= MOST_SEARCHED;
}

static const struct source_text *source_at(struct map_files *f, struct str path)
{
	struct source_text **slot =
		(struct source_text **)hashmap_slot(f->sources, NULL, path);
	struct dated_text file;

	if (*slot)
		return *slot;
	*slot = TAKE(f->arena, struct source_text, 1);
	if (f->kept > MOST_KEPT)
		return *slot;
	file = source_file_read(f->arena, f->trace, path.at);
	(*slot)->lines = lines_of(f->arena, file.text);
	(*slot)->changed = file.changed;
	(*slot)->written = file.written;
	f->kept += file.text.len;
	return *slot;
}

/* --- the map -------------------------------------------------------------- */

static size_t read_bytes(void *of, size_t at, char *to, size_t most)
{
	const struct str *text = of;
	size_t n = at < text->len ? text->len - at : 0;

	n = n < most ? n : most;
	memcpy(to, text->at + at, n);
	return n;
}

/* A place in a script with a map. */
struct place {
	struct map_files *files;
	struct script_file *script;
	const char *path; /* of the script */
	struct source_map_position at;
	struct json_stream_text map;
	struct map_window window;
	struct source_text *text; /* the source, as the map has it */
};

static void take_segment(void *of, const struct source_map_segment *segment)
{
	struct place *p = of;

	map_window_add(&p->window, segment);
}

/* What is too long is cut: the lines before tell enough. */
static void take_content(void *of, struct json_stream *json)
{
	struct place *p = of;
	struct map_files *f = p->files;

	if (p->text->lines.n || f->kept > MOST_KEPT) {
		json_stream_skip(json);
		return;
	}
	if (!f->content)
		f->content = TAKE(f->arena, char, MOST_CONTENT);
	f->content[0] = '\0';
	json_stream_string(json, f->content, MOST_CONTENT);
	p->text->lines =
		lines_of(f->arena, arena_print(f->arena, "%s", f->content));
	f->kept += strlen(f->content);
}

/* False: no source, or the map is broken. */
static bool read_map(struct place *p)
{
	struct map_files *f = p->files;
	struct source_map_visitor visitor = {p, take_segment, take_content};
	uintptr_t number;
	void **slot;

	if (!map_files_may_search(f, 2 * p->script->map.len) ||
	    !source_map_find(&f->search, &p->map, p->at))
		return false;
	number = f->search.source;
	if (f->search.has_section)
		number |= (uintptr_t)f->search.section << 32;
	slot = hashmap_slot(f->texts, (const void *)number, str_of(p->path));
	if (!*slot)
		*slot = TAKE(f->arena, struct source_text, 1);
	p->text = *slot;
	map_window_begin(&p->window, &f->search, p->at);
	return source_map_visit(&f->search, &p->map, &visitor);
}

/* --- the source ----------------------------------------------------------- */

/* "./src/app.ts", of a bundler, lies in one of the directories above the
 * script. */
static const struct source_text *search_upwards(struct place *p,
						struct str *path)
{
	enum { MOST_UPWARDS = 8 };
	struct str above = str_of(p->path);

	for (int i = 0; i < MOST_UPWARDS && above.len > 1; i++) {
		const struct source_text *source;
		struct str whole;

		above.len -= str_base(above).len + 1;
		whole = arena_print(p->files->arena, "%.*s/%.*s",
				    STR_FMT(above), (int)path->len - 2,
				    path->at + 2);
		source = source_at(p->files, whole);
		if (source->lines.n) {
			*path = whole;
			return source;
		}
	}
	return NULL;
}

static const struct source_text *find_file(struct place *p, struct str *path)
{
	const struct source_text *source;

	if (*path->at != '/')
		return search_upwards(p, path);
	source = source_at(p->files, *path);
	return source->lines.n ? source : NULL;
}

/* Whether the map belongs to the script, and what is there of the source to the
 * map. */
static bool belongs(struct place *p, const struct source_text *file)
{
	const struct script_file *s = p->script;
	const struct source_text *text = p->text->lines.n ? p->text : NULL;
	bool is_doubtful =
		is_newer(s->written, s->map_written) ||
		(file && !text && is_newer(file->written, s->map_written));
	uint32_t line = p->files->search.found.line;

	if (is_minified(map_window_text(&p->window, &s->lines)) ||
	    !map_fits_script(&p->window, &s->lines))
		return false;
	if (file && text &&
	    !have_same_lines(&file->lines, &text->lines, line + 1))
		return false;
	if (!file && !text)
		return !is_doubtful;
	return map_fits_source(&p->window, &s->lines,
			       file ? &file->lines : &text->lines, is_doubtful);
}

bool mapped_place_find(struct map_files *f, struct script_file *s,
		       const char *path, uint64_t line, uint64_t column,
		       struct mapped_place *ret)
{
	struct place p = {.files = f, .script = s, .path = path};
	char name[2 * SOURCE_MAP_NAME];
	const struct source_text *file;
	struct str source;

	p.at = (struct source_map_position){(uint32_t)line - 1,
					    column ? (uint32_t)column - 1
						   : SOURCE_MAP_ANY_COLUMN};
	p.map = (struct json_stream_text){read_bytes, &s->map, s->map_begin,
					  s->map_encoding};
	if (!s->map.len || !line || !read_map(&p) ||
	    !source_map_path(name, sizeof name, s->base, f->search.root,
			     f->search.name))
		return false;
	source = arena_print(f->arena, "%s", name);
	file = find_file(&p, &source);
	if (!belongs(&p, file))
		return false;
	ret->changed = file && !p.text->lines.n ? file->changed : 0;
	ret->site = arena_print(f->arena, "%.*s:%llu", STR_FMT(source),
				1ull + f->search.found.line);
	ret->column = column ? 1ull + f->search.found.column : 0;
	return true;
}
