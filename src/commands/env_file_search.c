#include "commands/env_file_search.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/hashmap.h"
#include "base/path.h"
#include "commands/env_file_loader.h"
#include "host/workspace_root.h"
#include "model/place.h"
#include "shared/env_file_name.h"
#include "shared/source_owner.h"
#include "trace/site.h"

enum { MOST_FILES = 64, MOST_DIRECTORIES = 128, MOST_WORDS = 8 };

struct search {
	struct arena *arena;
	struct env_files_found found;
	struct hashmap *births; /* by image */
	struct hashmap *known;	/* struct env_file_found index + 1, by path */
	struct hashmap *looked; /* directories */
	struct hashmap *asked;	/* is_regular(), by path */
	size_t n_looked;
	const struct event *missed[MOST_FILES];
	size_t n_missed;
};

/* ---- files that processes opened ------------------------------------------
 */

static const struct event *birth_of(const struct search *s, struct str image)
{
	const struct event *birth = hashmap_find(s->births, NULL, image);

	for (int ups = 8; birth && !birth->exe.len && ups; ups--)
		birth = hashmap_find(s->births, NULL, birth->parent);
	return birth;
}

static void add(struct search *s, const struct env_file_found *f)
{
	void **slot = hashmap_slot(s->known, NULL, f->path);
	uintptr_t index = (uintptr_t)*slot;

	if (index && s->found.at[index - 1].why != KT_FILE_OPENED)
		s->found.at[index - 1] = *f;
	if (index || s->found.n == MOST_FILES)
		return;
	*ARRAY_ADD(s->arena, s->found.at, s->found.n, s->found.room) = *f;
	*slot = (void *)(uintptr_t)s->found.n;
}

static bool is_known(const struct search *s, struct str path)
{
	return hashmap_find(s->known, NULL, path);
}

static bool is_masked(struct str path)
{
	return memmem(path.at, path.len, "***", 3);
}

/* OPENAI_API_KEY_FILE names the file of OPENAI_API_KEY. */
static struct str secret_name(struct search *s, const struct event *e)
{
	struct str base = str_base(e->path), copy;
	const size_t suffix = sizeof "_FILE" - 1;

	if (e->name.len > suffix)
		return (struct str){e->name.at, e->name.len - suffix};
	copy = arena_print(s->arena, "%.*s", STR_FMT(base));
	for (char *c = (char *)(uintptr_t)copy.at; *c; c++)
		*c = is_name_char(*c)
			     ? *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c
			     : '_';
	return copy;
}

/* False: the contents have no meaning here (.netrc, a service account). */
static bool describe(struct search *s, const struct event *e,
		     struct env_file_found *f)
{
	switch (env_file_kind_of(e->path.at, e->path.len)) {
	case ENV_FILE_ASSIGNS:
		f->syntax = loader_of_open(e, birth_of(s, e->image));
		return env_file_is_real(e->path.at, e->path.len);
	case ENV_FILE_LOGIN:
		f->syntax = ENV_AWS;
		return memmem(e->path.at, e->path.len, "/.aws/", 6);
	case ENV_FILE_SECRET:
		break;
	case ENV_FILE_NONE:
		if (!str_has_suffix(e->name, STR("_FILE")))
			return false;
		break;
	}
	f->syntax = ENV_SYNTAX_COUNT;
	f->name = secret_name(s, e);
	return true;
}

static void note_open(struct search *s, const struct event *e)
{
	struct env_file_found f = {.why = KT_FILE_OPENED};

	if (!e->path.len || e->path.at[0] != '/' || is_masked(e->path) ||
	    e->write)
		return;
	if (e->has_errno) {
		if (s->n_missed < MOST_FILES &&
		    (e->error == ENOENT || e->error == ENOTDIR) &&
		    env_file_kind_of(e->path.at, e->path.len) ==
			    ENV_FILE_ASSIGNS)
			s->missed[s->n_missed++] = e;
		return;
	}
	f.path = arena_print(s->arena, "%.*s", STR_FMT(e->path));
	if (describe(s, e, &f))
		add(s, &f);
}

/* ---- docker run --env-file FILE -------------------------------------------
 */

static struct str joined(struct search *s, struct str directory,
			 struct str path)
{
	if (path.len && path.at[0] == '/')
		return arena_print(s->arena, "%.*s", STR_FMT(path));
	return arena_print(s->arena, "%.*s/%.*s", STR_FMT(directory),
			   STR_FMT(path));
}

static struct str option_value(const struct strs *args, size_t i)
{
	static const char option[] = "--env-file";
	const size_t n = sizeof option - 1;
	struct str word = args->at[i];

	if (word.len < n || memcmp(word.at, option, n))
		return (struct str){NULL, 0};
	if (word.len > n && word.at[n] == '=')
		return (struct str){word.at + n + 1, word.len - n - 1};
	return word.len == n && i + 1 < args->n ? args->at[i + 1]
						: (struct str){NULL, 0};
}

static void note_launch(struct search *s, const struct event *e)
{
	const struct event *birth = birth_of(s, e->image);
	struct env_file_found f = {.why = KT_FILE_OPENED, .syntax = ENV_DOCKER};

	if (!e->args.n || !birth || !is_container_client(e->args.at[0]))
		return;
	for (size_t i = 1; i < e->args.n; i++) {
		struct str value = option_value(&e->args, i);

		if (!value.len || is_masked(value))
			continue;
		f.path = joined(s, birth->cwd, value);
		add(s, &f);
	}
}

/* ---- files where a loader would have looked --------------------------------
 */

/* Thousands of processes may have the same words. */
static bool is_regular(const struct search *s, struct str path)
{
	static char yes, no;
	void **answer = hashmap_slot(s->asked, NULL, path);
	struct stat st;

	if (!*answer)
		*answer =
			!stat(path.at, &st) && S_ISREG(st.st_mode) ? &yes : &no;
	return *answer == &yes;
}

/* config/.env of /srv/config/.env; len 0: the path is too short. */
static struct str last_two_parts(struct str path)
{
	struct str folder = path_parent(path);
	size_t n = folder.len > 1 ? str_base(folder).len : 0;

	if (!n)
		return (struct str){NULL, 0};
	n += path.len - folder.len;
	return (struct str){path.at + path.len - n, n};
}

/* The missed file of the same name, as a path; else empty. */
static struct str missed_as(const struct search *s, struct str name)
{
	for (size_t i = 0; i < s->n_missed; i++) {
		struct str path = s->missed[i]->path;

		if (str_eq(str_base(path), name) ||
		    str_eq(last_two_parts(path), name))
			return path;
	}
	return (struct str){NULL, 0};
}

static void look_for(struct search *s, struct str directory, struct str name,
		     struct str program, const struct event *birth)
{
	struct env_file_found f = {.path = joined(s, directory, name)};

	if (is_known(s, f.path) || s->found.n == MOST_FILES ||
	    !env_file_is_real(name.at, name.len) || !is_regular(s, f.path))
		return;
	f.for_path = missed_as(s, name);
	f.why = f.for_path.len ? KT_FILE_MISSED : KT_FILE_NEAR;
	if (!f.for_path.len)
		f.for_path = program;
	f.syntax = str_eq(name, STR(".envrc")) ? ENV_SHELL
					       : loader_of_program(birth);
	add(s, &f);
}

/* A name that was looked for in vain, and with its folder: a program that names
 * config/.env may work elsewhere than where config lies. */
static void look_for_missed(struct search *s, struct str directory,
			    struct str path, struct str program,
			    const struct event *birth)
{
	struct str with_folder = last_two_parts(path);

	look_for(s, directory, str_base(path), program, birth);
	if (with_folder.len)
		look_for(s, directory, with_folder, program, birth);
}

static void look_in(struct search *s, struct str directory, struct str program,
		    const struct event *birth)
{
	static const char *const names[] = {".env",
					    ".env.local",
					    ".env.development",
					    ".env.production",
					    ".dev.vars",
					    ".envrc",
					    "config/.env",
					    "config/.env.local",
					    "env/.env",
					    "env/.env.local",
					    ".config/.env",
					    ".config/.env.local"};
	void **slot = hashmap_slot(s->looked, NULL, directory);

	if (*slot || s->n_looked == MOST_DIRECTORIES)
		return;
	*slot = s;
	s->n_looked++;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		look_for(s, directory, str_of(names[i]), program, birth);
	for (size_t i = 0; i < s->n_missed; i++)
		look_for_missed(s, directory, s->missed[i]->path, program,
				birth);
}

/* From the directory up to the root of its workspace. */
static void look_above(struct search *s, struct str directory,
		       struct str program, const struct event *birth)
{
	struct str root, at = directory;

	if (!birth || !directory.len || directory.at[0] != '/' ||
	    hashmap_find(s->looked, NULL, directory) ||
	    s->n_looked == MOST_DIRECTORIES)
		return;
	root = workspace_root(s->arena, directory);
	for (;;) {
		look_in(s, arena_print(s->arena, "%.*s", STR_FMT(at)), program,
			birth);
		if (at.len <= root.len)
			return;
		at = path_parent(at);
	}
}

/* The script of an interpreter, or a file that a tool runs: of the first
 * words, the next file from *i on. len 0: none. */
static struct str next_program(struct search *s, const struct event *birth,
			       size_t *i)
{
	for (; *i < birth->args.n && *i <= MOST_WORDS; ++*i) {
		struct str word = birth->args.at[*i], path;

		if (!word.len || word.at[0] == '-' || is_masked(word))
			continue;
		path = joined(s, birth->cwd, word);
		if (is_regular(s, path))
			return path;
	}
	return (struct str){NULL, 0};
}

static void look_beside_programs(struct search *s, const struct event *birth)
{
	struct str path;

	for (size_t i = 1; (path = next_program(s, birth, &i)).len; i++)
		look_above(s, path_parent(path), path, birth);
}

/* `with_script`: only processes that run a script, or only others. */
static void look_where_it_works(struct search *s, const struct event *birth,
				bool with_script)
{
	size_t first = 1;
	struct str script = next_program(s, birth, &first);

	if (!script.len == !with_script)
		look_above(s, birth->cwd, script.len ? script : birth->exe,
			   birth);
}

/* A loader may look beside the file that calls the loader, or was meant to. */
static void look_beside_source(struct search *s, const struct event *e)
{
	struct str line = own_line_of(e), file = site_file(line);

	if (e->found || (e->kind == KT_OPEN && !e->has_errno) ||
	    !site_line(line) || file.at[0] != '/')
		return;
	if (find_source_owner(file.at, file.len).owner == SOURCE_OWN)
		look_above(s, path_parent(file), file, birth_of(s, e->image));
}

/* production.env beside prod.env, which is not there. */
static void look_for_stage(struct search *s, const struct event *e)
{
	static const char *const stages[] = {
		"prod",	   "production", "dev",	 "development",
		"staging", "stage",	 "test", "testing"};
	struct str base = str_base(e->path), stem;

	if (!str_has_suffix(base, STR(".env")) || base.len <= 6)
		return;
	stem = (struct str){base.at, base.len - 4};
	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
		struct str stage = str_of(stages[i]);
		struct env_file_found f = {.why = KT_FILE_MISSED,
					   .for_path = e->path};

		if (str_eq(stage, stem) || (!str_has_prefix(stage, stem) &&
					    !str_has_prefix(stem, stage)))
			continue;
		f.path = arena_print(s->arena, "%.*s/%.*s.env",
				     STR_FMT(path_parent(e->path)),
				     STR_FMT(stage));
		f.syntax = loader_of_open(e, birth_of(s, e->image));
		if (!is_known(s, f.path) && is_regular(s, f.path))
			add(s, &f);
	}
}

static void look_for_stages(struct search *s)
{
	for (size_t i = 0; i < s->n_missed; i++)
		look_for_stage(s, s->missed[i]);
}

/* Calls `look` for the events of a kind. A stranger's word makes us read no
 * file. */
static void each(struct search *s, const struct trace *t, uint64_t from,
		 enum kt_event kind,
		 void (*look)(struct search *, const struct event *))
{
	for (size_t i = 0; i < t->n; i++)
		if (t->events[i].t >= from && t->events[i].kind == kind &&
		    !t->events[i].owner)
			look(s, &t->events[i]);
}

static void note_birth(struct search *s, const struct event *e)
{
	*hashmap_slot(s->births, NULL, e->image) = (void *)(uintptr_t)e;
}

static void look_where_scripts_work(struct search *s, const struct event *e)
{
	look_where_it_works(s, e, true);
}

static void look_where_others_work(struct search *s, const struct event *e)
{
	look_where_it_works(s, e, false);
}

struct env_files_found env_files_find(struct arena *a, const struct trace *t,
				      uint64_t from)
{
	struct search s = {.arena = a,
			   .births = hashmap_new(a),
			   .known = hashmap_new(a),
			   .looked = hashmap_new(a),
			   .asked = hashmap_new(a)};

	each(&s, t, from, KT_BIRTH, note_birth);
	each(&s, t, from, KT_OPEN, note_open);
	each(&s, t, from, KT_EXEC, note_launch);
	each(&s, t, from, KT_SPAWN, note_launch);
	look_for_stages(&s);
	each(&s, t, from, KT_BIRTH, look_beside_programs);
	each(&s, t, from, KT_READ, look_beside_source);
	each(&s, t, from, KT_OPEN, look_beside_source);
	each(&s, t, from, KT_BIRTH, look_where_scripts_work);
	each(&s, t, from, KT_BIRTH, look_where_others_work);
	return s.found;
}
