#include "command_sites/command_list.h"

#include <glob.h>

#include "command_sites/open_text.h"

enum { DEEPEST = 8 };

bool may_be_launched(const struct written_command *c, const struct launched *l)
{
	return (c->words.len && may_be_equal(c->words, l->words)) ||
	       (c->text.len && l->text.len && may_be_equal(c->text, l->text));
}

static void found(struct list_search *s, struct str path,
		  const struct written_command *c)
{
	struct str site = site_at(s->files->arena, path, c->line);
	struct str text = c->text.len ? c->text : c->words;

	if (!has_known_bytes(text) || (s->site.len && !str_eq(s->site, site)))
		s->is_uncertain = true;
	s->site = site;
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

static void search_include(struct list_search *s, struct str name)
{
	struct str path = path_below(s->files->arena, s->directory, name);

	if (memchr(name.at, '*', name.len))
		search_pattern(s, path);
	else if (!was_missing(path, s->reader))
		search_list(s, path);
}

void search_list(struct list_search *s, struct str path)
{
	const struct command_list *list = list_of(s, path);

	s->is_uncertain |= !list || list->has_more || s->depth == DEEPEST;
	for (size_t i = 0; !s->is_uncertain && i < list->n; i++)
		if (may_be_launched(&list->at[i], s->launched))
			found(s, path, &list->at[i]);
	s->depth++;
	for (size_t i = 0; !s->is_uncertain && i < list->n_includes; i++)
		search_include(s, list->includes[i]);
	s->depth--;
}

struct str found_site(const struct list_search *s)
{
	return s->is_uncertain ? (struct str){NULL, 0} : s->site;
}
