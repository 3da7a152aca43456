#include "commands/env_file_events.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"
#include "base/safe_open.h"
#include "commands/env_file_search.h"
#include "commands/value_relations.h"
#include "commands/secret_word.h"
#include "shared/credential_name.h"
#include "shared/fingerprint.h"
#include "shared/key_prefix.h"

enum { MOST_BYTES = 1 << 20, SHORTEST_SECRET = 4 };

struct writer {
	const struct env_file_lines *r;
	struct arena *arena;
	const struct held_values *held;
	struct strs watch; /* patterns of the user */
	const struct env_file_found *file;
	struct env_text text;
	struct stat st;
	size_t n_written;
};

/* ---- reading a file --------------------------------------------------------
 */

/* A regular file of the user or root, behind no link of a stranger. The time of
 * the last access stays, where the kernel allows that. */
static int open_regular(const char *path, struct stat *ret)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct resolved_path found;
	const char *why;
	int fd = -1;

	if (!resolve_path(path, true, &found, &why))
		return -1;
	if (found.is_there && S_ISREG(found.st.st_mode) &&
	    is_trusted(found.st.st_uid)) {
		fd = resolved_open(&found, flags | O_NOATIME, &why);
		if (fd < 0 && errno == EPERM)
			fd = resolved_open(&found, flags, &why);
	}
	resolved_close(&found);
	if (fd >= 0 &&
	    (fstat(fd, ret) || !S_ISREG(ret->st_mode) ||
	     !is_trusted(ret->st_uid) || ret->st_size > MOST_BYTES)) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool read_all(int fd, struct env_text *t)
{
	char *at = t->begin;
	ssize_t n;

	while (at < t->end && (n = read(fd, at, (size_t)(t->end - at)))) {
		if (n < 0)
			return false;
		at += n;
	}
	t->end = at;
	*at = '\0';
	return true;
}

static const char *from_environment(const char *name)
{
	return getenv(name);
}

/* True: the text is to be wiped. */
static bool read_file(struct writer *w)
{
	int fd = open_regular(w->file->path.at, &w->st);
	bool has_text = fd >= 0 &&
			env_text_new(w->arena, (size_t)w->st.st_size, &w->text);

	/* The time of a change while the file was read counts, too. */
	if (has_text && (!read_all(fd, &w->text) || fstat(fd, &w->st)))
		w->text.end = w->text.begin;
	if (fd >= 0)
		close(fd);
	if (w->r->in_environment_of_run)
		w->text.environment = from_environment;
	return has_text;
}

/* ---- which names -----------------------------------------------------------
 */

/* A pattern is GLOB or GLOB:ROLE. */
static bool fits(struct str pattern, const char *name)
{
	const char *role = memchr(pattern.at, ':', pattern.len);
	size_t n = role ? (size_t)(role - pattern.at) : pattern.len;
	char glob[256];

	if (n >= sizeof glob)
		return false;
	memcpy(glob, pattern.at, n);
	glob[n] = '\0';
	return !fnmatch(glob, name, 0);
}

static bool is_given(const struct writer *w, struct str name)
{
	const char *text = arena_print(w->arena, "%.*s", STR_FMT(name)).at;

	for (size_t i = 0; i < w->watch.n; i++)
		if (fits(w->watch.at[i], text))
			return true;
	return false;
}

/* Equal lists come with each birth. */
static struct strs patterns_of(struct arena *a, const struct trace *t,
			       uint64_t from)
{
	struct hashmap *known = hashmap_new(a);
	struct strs all = {NULL, 0};
	size_t room = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct event *e = &t->events[i];

		for (size_t j = 0; j < e->watch.n && !e->owner && e->t >= from;
		     j++) {
			void **slot = hashmap_slot(known, NULL, e->watch.at[j]);

			if (!*slot)
				*ARRAY_ADD(a, all.at, all.n, room) =
					e->watch.at[j];
			*slot = known;
		}
	}
	return all;
}

/* The names that the recorder watches, too, and names of values that have the
 * form of a key. */
static bool is_watched(const struct writer *w, const struct assignment *a)
{
	struct str name = a->name;

	if (!name.len || holds_secret(name, SHORTEST_SECRET))
		return false;
	return is_credential_name(name.at, name.len) ||
	       is_known_setting_name(name.at, name.len) ||
	       is_near_credential_name(name.at, name.len) ||
	       (a->value.at && is_key(a->value.at)) || is_given(w, name);
}

static void drop_unwatched(struct writer *w)
{
	struct env_text *t = &w->text;
	size_t kept = 0;

	for (size_t i = 0; i < t->n; i++)
		if (is_watched(w, t->list[i]))
			t->list[kept++] = t->list[i];
	t->n = kept;
}

/* ---- the event --------------------------------------------------------------
 */

static void put_print(struct out *o, const uint8_t print[16])
{
	out_str(o, STR("\""));
	for (int i = 0; i < 16; i++)
		out_print(o, "%02x", print[i]);
	out_str(o, STR("\""));
}

static void put_value(const struct writer *w, struct out *o, struct str value)
{
	static const char *const shapes[] = {
#define SHAPE(id, word) word,
		KT_SHAPES(SHAPE)
#undef SHAPE
	};
	const char *separator = ",\"is\":[";
	struct fingerprint p;

	fingerprint_value(value.at, w->r->key, &p);
	out_str(o, STR("{\"fp\":"));
	put_print(o, p.fp);
	out_print(o, ",\"len\":%u", p.length);
	for (int i = 0; i < KT_SHAPE_COUNT; i++)
		if (p.is >> i & 1) {
			out_print(o, "%s\"%s\"", separator, shapes[i]);
			separator = ",";
		}
	if (p.is)
		out_str(o, STR("]"));
	if (p.provider)
		out_print(o, ",\"from\":\"%s\"", provider_name(p.provider));
	if (p.has_bare) {
		out_str(o, STR(",\"bare\":"));
		put_print(o, p.bare);
	}
	out_str(o, STR("}"));
}

typedef bool member(const struct writer *, struct out *,
		    const struct assignment *);

static bool put_value_of(const struct writer *w, struct out *o,
			 const struct assignment *a)
{
	if (a->value.at)
		put_value(w, o, a->value);
	return a->value.at;
}

static bool put_whole(const struct writer *w, struct out *o,
		      const struct assignment *a)
{
	if (a->whole.at)
		put_value(w, o, a->whole);
	return a->whole.at;
}

static bool put_line(const struct writer *w, struct out *o,
		     const struct assignment *a)
{
	(void)w;
	out_print(o, "%llu", (unsigned long long)a->line);
	return a->line;
}

static bool put_relations(const struct writer *w, struct out *o,
			  const struct assignment *a)
{
	return a->value.at && held_values_put(o, w->held, a->name, a->value,
					      a->whole, w->r->key);
}

/* An object with a member for each name for which `put` has something. */
static void put_object(const struct writer *w, struct out *o, const char *key,
		       struct assignment *const *list, size_t n, member *put)
{
	bool is_first = true;

	for (size_t i = 0; i < n; i++) {
		struct out one = out_to_memory(o->arena);

		if (!put(w, &one, list[i]))
			continue;
		if (is_first)
			out_print(o, ",\"%s\":{", key);
		else
			out_str(o, STR(","));
		is_first = false;
		out_json(o, list[i]->name);
		out_str(o, STR(":"));
		out_str(o, out_memory(&one));
	}
	if (!is_first)
		out_str(o, STR("}"));
}

static bool has_comment(const struct assignment *a)
{
	return a->whole.at && a->is_comment;
}

static bool is_dropped(const struct assignment *a)
{
	return a->is_dropped;
}

static bool is_unclosed(const struct assignment *a)
{
	return a->is_unclosed;
}

static bool is_spaced(const struct assignment *a)
{
	return a->is_spaced;
}

/* A list of the names for which `has` is true. */
static void put_names(struct out *o, const char *key,
		      struct assignment *const *list, size_t n,
		      bool (*has)(const struct assignment *))
{
	size_t n_put = 0;

	for (size_t i = 0; i < n; i++)
		if (has(list[i])) {
			if (n_put++)
				out_str(o, STR(","));
			else
				out_print(o, ",\"%s\":[", key);
			out_json(o, list[i]->name);
		}
	if (n_put)
		out_str(o, STR("]"));
}

static uint64_t in_ms(struct timespec t)
{
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* A copy may have brought an old time of its contents along. */
static uint64_t time_of_change(const struct stat *st)
{
	uint64_t contents = in_ms(st->st_mtim), file = in_ms(st->st_ctim);

	return contents > file ? contents : file;
}

static void put_head(const struct writer *w, struct out *o)
{
	static const char *const reasons[] = {
#define REASON(id, word) word,
		KT_FILE_REASONS(REASON)
#undef REASON
	};
	const struct env_file_found *f = w->file;

	out_print(o, "{\"e\":\"file\",\"t\":%llu,\"path\":",
		  (unsigned long long)w->r->t);
	out_json(o, f->path);
	out_print(o, ",\"why\":\"%s\"", reasons[f->why]);
	if (f->for_path.len) {
		out_str(o, STR(",\"for\":"));
		out_json(o, f->for_path);
	}
	out_print(o, ",\"syntax\":\"%s\",\"changed\":%llu",
		  env_syntax_word(f->syntax),
		  (unsigned long long)time_of_change(&w->st));
}

static void write_event(struct writer *w, struct assignment *const *list,
			size_t n)
{
	struct out o = out_to_memory(w->arena);

	put_head(w, &o);
	put_object(w, &o, "values", list, n, put_value_of);
	put_object(w, &o, "lines", list, n, put_line);
	put_object(w, &o, "whole", list, n, put_whole);
	put_names(&o, "comment", list, n, has_comment);
	put_names(&o, "spaced", list, n, is_spaced);
	put_names(&o, "fell_away", list, n, is_dropped);
	put_names(&o, "unclosed", list, n, is_unclosed);
	put_object(w, &o, "relations", list, n, put_relations);
	out_str(&o, STR("}\n"));
	w->n_written += w->r->take(w->r->context, out_memory(&o));
}

/* A secret's file is one value under one name. */
static void read_secret(struct writer *w)
{
	struct env_text *t = &w->text;
	struct str value = value_copy(t, t->begin, t->end);

	assign_at(t, t->begin, w->file->name, value);
}

/* A file that nobody looked for, and that assigns nothing watched, is none of
 * our business. */
static void write_file(struct writer *w)
{
	struct env_text *t = &w->text;

	if (holds_secret(w->file->path, SHORTEST_SECRET))
		return;
	if (w->file->syntax == ENV_SYNTAX_COUNT)
		read_secret(w);
	else
		env_text_read(t, w->file->syntax);
	drop_unwatched(w);
	if (!t->n && w->file->why != KT_FILE_OPENED)
		return;
	for (size_t i = 0; i == 0 || i < t->n; i += KT_FILE_VARIABLES)
		write_event(w, t->list + i,
			    t->n - i < KT_FILE_VARIABLES ? t->n - i
							 : KT_FILE_VARIABLES);
}

size_t env_file_lines_write(struct arena *a, const struct trace *trace,
			    const struct env_file_lines *r)
{
	struct writer w = {.r = r, .arena = a};
	struct env_files_found found;

	w.held = held_values_of(a, trace, r->from);
	w.watch = patterns_of(a, trace, r->from);
	found = env_files_find(a, trace, r->from);
	for (size_t i = 0; i < found.n; i++) {
		w.file = &found.at[i];
		if (!read_file(&w))
			continue;
		write_file(&w);
		env_text_wipe(&w.text);
	}
	return w.n_written;
}
