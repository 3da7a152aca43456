#include "command_sites/command_list.h"

#include <glob.h>

#include "command_sites/partial_text.h"
#include "command_sites/partial_text.h"
#include "shared/source_map_path.h"

enum { DEEPEST = 8 };

bool may_be_launched(const struct written_command *c, const struct launched *l)
{
	return (c->words.len && may_be_equal(c->words, l->words)) ||
	       (c->text.len && l->text.len && may_be_equal(c->text, l->text));
}

static void found(struct list_search *s, struct str site)
{
	s->is_uncertain |= s->site.len && !str_eq(s->site, site);
	s->site = site;
}

static void search_commands(struct list_search *s, struct str path,
			    const struct command_list *list)
{
	for (size_t i = 0; !s->is_uncertain && i < list->n; i++) {
		const struct written_command *c = &list->at[i];
		struct str text = c->text.len ? c->text : c->words;

		if (!may_be_launched(c, s->launched))
			continue;
		s->is_uncertain |=
			!has_known_bytes(text) &&
			!(c->is_arguments && s->launched->is_arguments);
		found(s, site_at(s->files->arena, path, c->line));
	}
}

static const struct command_list *list_of(struct list_search *s,
					  struct str path)
{
	struct str text = read_written(s->files, path, s->reader);
	struct command_list *list;
	void **slot;

	if (!text.len)
		return NULL;
	slot = hashmap_slot(s->files->lists, (const void *)s->parse, path);
	if (*slot)
		return *slot;
	*slot = list = TAKE(s->files->arena, struct command_list, 1);
	*list = s->parse(s->files->arena, text);
	return list;
}

struct list_search begin_search(struct written_files *files,
				const struct launched *l, command_parser *parse)
{
	return (struct list_search){.files = files,
				    .launched = l,
				    .parse = parse,
				    .reader = l->by,
				    .directory = l->by->cwd};
}

void search_pattern(struct list_search *s, struct str pattern)
{
	glob_t found_files;

	if (!pattern.len || glob(pattern.at, 0, NULL, &found_files))
		return;
	for (size_t i = 0; i < found_files.gl_pathc; i++)
		search_list(s, arena_print(s->files->arena, "%s",
					   found_files.gl_pathv[i]));
	globfree(&found_files);
}

void add_step(struct command_list *list, struct list_step step)
{
	step.n_before = list->n;
	*ARRAY_ADD(list->arena, list->steps, list->n_steps, list->steps_room) =
		step;
}

/* --- steps ---------------------------------------------------------------- */

static struct str path_in(struct list_search *s, size_t directory,
			  const struct list_step *step)
{
	struct arena *a = s->files->arena;
	struct str name = step->path, from = s->directory;
	struct str place = {s->script.at,
			    s->script.len - str_base(s->script).len};

	if (directory)
		from = s->moved_to[directory - 1];
	if (step->is_below_script)
		name = arena_print(a, "%.*s%.*s",
				   place.len ? (int)place.len : 2,
				   place.len ? place.at : "./", STR_FMT(name));
	return path_below(a, from, name);
}

static bool is_relative(const struct list_search *s,
			const struct list_step *step)
{
	struct str name = step->is_below_script ? s->script : step->path;

	return !name.len || *name.at != '/';
}

static void search_included(struct list_search *s, const struct list_step *step,
			    struct str path)
{
	if (s->wanted.len && !step->is_below_script &&
	    str_eq(step->path, s->wanted))
		found(s, path);
	search_list(s, path);
}

static void search_include(struct list_search *s, const struct list_step *step)
{
	bool is_fixed = !is_relative(s, step);

	s->is_uncertain |= s->is_elsewhere && !is_fixed;
	for (size_t i = 0; !s->is_uncertain && i <= s->n_moved_to; i++) {
		struct str path = path_in(s, i, step);

		if (memchr(path.at, '*', path.len))
			search_pattern(s, path);
		else if (!was_missing(path, s->reader))
			search_included(s, step, path);
		if (is_fixed)
			return;
	}
}

static bool is_known(const struct list_search *s, struct str directory)
{
	bool is_known = str_eq(directory, s->directory);

	for (size_t i = 0; i < s->n_moved_to; i++)
		is_known |= str_eq(directory, s->moved_to[i]);
	return is_known;
}

/* Where the move leads from the nth directory; len 0: not known. */
static struct str target_of(struct list_search *s, size_t n,
			    const struct list_step *step)
{
	struct str to = path_in(s, n, step);

	if (!to.len)
		return to;
	path_normalize((char *)to.at);
	to.len = strlen(to.at);
	to.len -= to.len > 1 && to.at[to.len - 1] == '/';
	return to;
}

static void move_from(struct list_search *s, size_t n,
		      const struct list_step *step)
{
	const size_t most = sizeof s->moved_to / sizeof *s->moved_to;
	struct str to = target_of(s, n, step);

	if (to.len && (is_known(s, to) || was_missing(to, s->reader)))
		return;
	if (!to.len || s->n_moved_to == most)
		s->is_elsewhere = true;
	else
		s->moved_to[s->n_moved_to++] = to;
}

/* A move may fail, and may come again from where it led to. */
static void move(struct list_search *s, const struct list_step *step)
{
	s->is_elsewhere |= !step->path.len && !step->is_below_script;
	for (size_t i = 0; !s->is_elsewhere && i <= s->n_moved_to; i++)
		move_from(s, i, step);
}

/* In any order, and any number of times. */
static void move_all(struct list_search *s, const struct command_list *list)
{
	size_t before;

	do {
		before = s->n_moved_to;
		for (size_t i = 0; i < list->n_steps; i++)
			if (list->steps[i].kind == STEP_MOVE)
				move(s, &list->steps[i]);
	} while (s->n_moved_to > before && !s->is_elsewhere);
}

static void take_steps(struct list_search *s, const struct command_list *list)
{
	if (list->is_unordered)
		move_all(s, list);
	for (size_t i = 0; !s->is_uncertain && i < list->n_steps; i++) {
		const struct list_step *step = &list->steps[i];

		if (step->kind == STEP_MOVE) {
			move(s, step);
			continue;
		}
		s->has_unordered_include |=
			list->is_unordered && is_relative(s, step);
		search_include(s, step);
	}
}

/* --- files ---------------------------------------------------------------- */

void search_list(struct list_search *s, struct str path)
{
	const struct command_list *list = list_of(s, path);

	s->is_uncertain |= !list || list->has_more || s->depth == DEEPEST;
	if (s->is_uncertain)
		return;
	if (s->launched)
		search_commands(s, path, list);
	s->depth++;
	take_steps(s, list);
	s->depth--;
}

struct str found_site(const struct list_search *s)
{
	return s->is_uncertain ? (struct str){NULL, 0} : s->site;
}
