#include "symbols/symbols.h"

#include <limits.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/compare.h"
#include "base/hashmap.h"
#include "symbols/symbol_process.h"

/* A file as named by one image, with its build-ids in order of time. */
struct file {
	const struct event **modules;
	size_t n, room;
};

/* An address as recorded in an event. */
struct frame {
	struct str module;
	uint64_t offset;
	struct location *location; /* null: nothing to ask */
};

struct image_modules {
	const struct event *birth; /* null: not seen */
	struct hashmap *files;	   /* struct file, by path */
	struct hashmap *frames;	   /* struct frame, by text: most come often */
};

struct search {
	struct arena *arena;
	struct hashmap *images;	 /* struct speaker, by image */
	struct hashmap *objects; /* by path and build */
	struct hashmap *known;	 /* struct place, by object and offset */
	struct location **locations;
	size_t n, room;
};

/* --- modules of a trace --------------------------------------------------- */

static struct str pair(struct arena *a, struct str x, struct str y)
{
	return arena_print(a, "%.*s %.*s", STR_FMT(x), STR_FMT(y));
}

static struct image_modules *modules_of(struct search *s, const struct event *e)
{
	struct image_modules **slot = (struct image_modules **)hashmap_slot(
		s->images, NULL, e->image);

	if (*slot)
		return *slot;
	*slot = TAKE(s->arena, struct image_modules, 1);
	(*slot)->files = hashmap_new(s->arena);
	(*slot)->frames = hashmap_new(s->arena);
	return *slot;
}

static void add_module(struct search *s, const struct event *e)
{
	struct file **slot = (struct file **)hashmap_slot(
		modules_of(s, e)->files, NULL, e->path);
	struct file *f = *slot = *slot ? *slot : TAKE(s->arena, struct file, 1);

	*ARRAY_ADD(s->arena, f->modules, f->n, f->room) = e;
}

/* The last build-id up to `t`: a plugin may be built and loaded anew. Before
 * the first, the first: another thread may have recorded the module a moment
 * later. */
static struct str build_id_at(const struct file *f, uint64_t t)
{
	size_t i = 0;

	if (!f)
		return STR("");
	while (i + 1 < f->n && f->modules[i + 1]->t <= t)
		i++;
	return f->modules[i]->build;
}

static uint64_t wall_at(const struct event *birth, uint64_t t)
{
	return birth->wall + (t > birth->t ? (t - birth->t) / 1000000 : 0);
}

/* --- questions ------------------------------------------------------------ */

/* The loader names a module by the path given to the loader, perhaps relative
 * to the working directory of the program. Null when the directory is not
 * known. */
static const char *path_of(struct search *s, const struct event *birth,
			   struct str module)
{
	const char *path;

	if (!module.len || memchr(module.at, '\0', module.len))
		return NULL;
	if (module.at[0] == '/')
		path = arena_print(s->arena, "%.*s", STR_FMT(module)).at;
	else if (birth && birth->cwd.len && birth->cwd.at[0] == '/' &&
		 memchr(module.at, '/', module.len))
		path = arena_print(s->arena, "%.*s/%.*s", STR_FMT(birth->cwd),
				   STR_FMT(module))
			       .at;
	else
		return NULL;
	return strlen(path) < PATH_MAX ? path : NULL;
}

static struct object *find_object(struct search *s,
				  const struct image_modules *by, uint64_t t,
				  struct str module)
{
	struct str build =
		build_id_at(hashmap_find(by->files, NULL, module), t);
	struct str key = build;
	const struct event *birth = by->birth;
	const char *path = path_of(s, birth, module);
	struct object **slot, *o;
	uint64_t wall;

	if (!path || (!build.len && !birth))
		return NULL;
	wall = birth ? wall_at(birth, t) : 0;
	if (!build.len && birth->owner) /* the age is the word of this owner */
		key = arena_print(s->arena, "%u", birth->owner);
	slot = (struct object **)hashmap_slot(
		s->objects, NULL, pair(s->arena, str_of(path), key));
	o = *slot;
	if (!o) {
		*slot = o = TAKE(s->arena, struct object, 1);
		*o = (struct object){
			.path = path, .build = build, .wall = wall};
	}
	o->wall = wall < o->wall ? wall : o->wall;
	return o;
}

static struct location *
add_location(struct search *s, const struct object *object, uint64_t offset)
{
	struct location *p = TAKE(s->arena, struct location, 1);

	*p = (struct location){.object = object, .offset = offset};
	*ARRAY_ADD(s->arena, s->locations, s->n, s->room) = p;
	return p;
}

static struct location *
find_location(struct search *s, const struct object *object, uint64_t offset)
{
	struct location **slot;

	if (!object)
		return NULL;
	slot = (struct location **)hashmap_slot(
		s->known, NULL,
		arena_print(s->arena, "%p %llx", (const void *)object,
			    (unsigned long long)offset));
	if (!*slot)
		*slot = add_location(s, object, offset);
	return *slot;
}

/* MODULE+0xOFFSET. A frame without a module is in the module of the frame
 * before. */
static bool parse_frame(struct str text, struct frame *f)
{
	size_t plus = text.len;
	uint64_t offset = 0;

	while (plus && text.at[plus - 1] != '+')
		plus--;
	if (!plus || text.len - plus < 3 || text.len - plus > 18 ||
	    memcmp(text.at + plus, "0x", 2))
		return false;
	for (size_t i = plus + 2; i < text.len; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = memchr(digits, text.at[i], 16);

		if (!digit)
			return false;
		offset = offset << 4 | (uint64_t)(digit - digits);
	}
	if (plus > 1)
		f->module = (struct str){text.at, plus - 1};
	f->offset = offset;
	return true;
}

/* False when `text` is no frame. Then *f is still the frame before. */
static bool find_frame(struct search *s, const struct image_modules *by,
		       uint64_t t, struct str text, struct frame *f)
{
	const struct file *file;
	struct frame **known = NULL;

	if (text.len && text.at[0] != '+') {
		known = (struct frame **)hashmap_slot(by->frames, NULL, text);
		if (*known)
			return *f = **known, true;
	}
	if (!parse_frame(text, f))
		return false;
	f->location =
		find_location(s, find_object(s, by, t, f->module), f->offset);
	file = hashmap_find(by->files, NULL, f->module);
	if (known && (!file || file->n == 1)) {
		*known = TAKE(s->arena, struct frame, 1);
		**known = *f;
	}
	return true;
}

/* The place of an event, and its callers. */
static size_t frames_of(struct search *s, const struct event *e,
			struct frame **ret)
{
	const struct image_modules *by;
	struct frame f = {0};
	size_t n = 0;

	if (!e->at.len || e->site.len || e->symbol_site.len || e->stack.n)
		return 0; /* no place, or a named place */
	by = modules_of(s, e);
	*ret = TAKE(s->arena, struct frame, e->frames.n + 1);
	for (size_t i = 0; i <= e->frames.n; i++) {
		struct str text = i ? e->frames.at[i - 1] : e->at;

		if (!find_frame(s, by, e->t, text, &f))
			break;
		(*ret)[n++] = f;
	}
	return n;
}

static int by_object(const void *a, const void *b)
{
	const struct location *x = *(struct location *const *)a;
	const struct location *y = *(struct location *const *)b;

	COMPARE(x->object, y->object);
	return ORDER(x->offset, y->offset);
}

/* --- answers -------------------------------------------------------------- */

static struct str location_text(struct arena *a, const struct frame *f,
				const struct scope *s)
{
	if (s && s->line)
		return arena_print(a, "%.*s:%llu", STR_FMT(s->file),
				   (unsigned long long)s->line);
	if (s && s->function.len)
		return s->function;
	return arena_print(a, "%.*s+0x%llx", STR_FMT(f->module),
			   (unsigned long long)f->offset);
}

/* A line for people: FUNCTION FILE:LINE. */
static struct str stack_line(struct arena *a, const struct frame *f,
			     const struct scope *s)
{
	if (!s || !s->function.len)
		return location_text(a, f, s);
	if (!s->line)
		return arena_print(a, "%.*s %.*s", STR_FMT(s->function),
				   STR_FMT(f->module));
	return pair(a, s->function, location_text(a, f, s));
}

/* The function at work, or null once where nothing is known of the frame. */
static const struct scope *first_scope(const struct frame *f)
{
	return f->location ? f->location->scopes : NULL;
}

static size_t count_scopes(const struct frame *f)
{
	const struct scope *s = first_scope(f);
	size_t n = 1;

	while (s && (s = s->outer))
		n++;
	return n;
}

static void write_stack(struct arena *a, struct event *e,
			const struct frame *frames, size_t n)
{
	size_t lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += count_scopes(&frames[i]);
	e->stack.at = TAKE(a, struct str, lines);
	for (size_t i = 0; i < n; i++) {
		const struct scope *s = first_scope(&frames[i]);

		do
			e->stack.at[e->stack.n++] =
				stack_line(a, &frames[i], s);
		while (s && (s = s->outer));
	}
}

/* The site is the innermost function of the program itself or, when no such
 * function is known, the caller of libc. */
static void write_site(struct arena *a, struct event *e,
		       const struct frame *frames, size_t n)
{
	const struct frame *f = frames;
	const struct scope *s = first_scope(f);

	while (f && is_library_frame(f->module, s)) {
		s = s ? s->outer : NULL;
		if (s)
			continue;
		f = f + 1 < frames + n ? f + 1 : NULL;
		s = f ? first_scope(f) : NULL;
	}
	if (!f)
		s = first_scope(f = frames);
	if (f == frames && !s)
		return; /* `at` is the same */
	e->symbol_site = location_text(a, f, s);
	if (s && s->line)
		e->symbol_in = s->function;
}

static struct search begin(struct arena *a, const struct trace *t)
{
	struct search s = {.arena = a,
			   .images = hashmap_new(a),
			   .objects = hashmap_new(a),
			   .known = hashmap_new(a)};

	for (size_t i = 0; i < t->n; i++)
		if (t->events[i].kind == KT_BIRTH)
			modules_of(&s, &t->events[i])->birth = &t->events[i];
	for (size_t i = 0; i < t->n_modules; i++)
		add_module(&s, &t->modules[i]);
	return s;
}

void symbols_resolve(struct arena *a, struct trace *t)
{
	struct search s = begin(a, t);
	struct frame **frames = TAKE(a, struct frame *, t->n);
	size_t *n = TAKE(a, size_t, t->n);

	for (size_t i = 0; i < t->n; i++)
		n[i] = frames_of(&s, &t->events[i], &frames[i]);
	if (!s.n)
		return;
	qsort(s.locations, s.n, sizeof *s.locations, by_object);
	symbol_process_resolve(a, s.locations, s.n);
	for (size_t i = 0; i < t->n; i++) {
		struct event *e = &t->events[i];

		if (n[i])
			write_site(a, e, frames[i], n[i]);
		if (n[i] > 1)
			write_stack(a, e, frames[i], n[i]);
		e->symbolized_here = n[i] && (e->symbol_site.len || e->stack.n);
	}
}
