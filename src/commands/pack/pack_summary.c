#include "commands/pack/pack_summary.h"

#include <ctype.h>
#include <stdlib.h>

#include "commands/event_variables.h"
#include "commands/secret_word.h"

/* Kinds of words, as owners of keys in one map. */
static const char a_process, a_name, a_path, a_value;

struct pack_contents pack_contents_new(struct arena *arena)
{
	return (struct pack_contents){.arena = arena,
				      .seen = hashmap_new(arena)};
}

/* The line is gone when the next is counted. */
static void count(struct pack_contents *c, const char *kind, struct str word,
		  size_t *counter)
{
	if (hashmap_find(c->seen, kind, word))
		return;
	word = arena_print(c->arena, "%.*s", STR_FMT(word));
	*hashmap_slot(c->seen, kind, word) = c->seen;
	++*counter;
}

/* --- paths below a home directory ----------------------------------------- */

static bool begins_path(struct str line, size_t at)
{
	return !at || !(isalnum((unsigned char)line.at[at - 1]) ||
			strchr("._-", line.at[at - 1]));
}

static void count_below(struct pack_contents *c, struct str line,
			const char *home)
{
	size_t n = strlen(home), at = 0, end;
	const char *found;

	while (n && (found = memmem(line.at + at, line.len - at, home, n))) {
		at = (size_t)(found - line.at);
		for (end = at; end < line.len; end++)
			if (strchr("\" :+,;)\\", line.at[end]))
				break;
		if (begins_path(line, at))
			count(c, &a_path, (struct str){found, end - at},
			      &c->home_paths);
		at = end > at ? end : at + 1;
	}
}

static void count_paths(struct pack_contents *c, struct str line)
{
	static const char *const usual[] = {"/home/", "/root/", "/Users/"};
	const char *home = getenv("HOME");

	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		count_below(c, line, usual[i]);
	if (home && home[0] == '/' && home[1])
		count_below(c, line, arena_print(c->arena, "%s/", home).at);
}

/* --- values --------------------------------------------------------------- */

static void count_values(struct pack_contents *c, struct str line)
{
	enum { SHORTEST = 8 };

	if (!holds_secret(line, SHORTEST))
		return;
	if (!c->first_value)
		c->first_value = c->lines;
	while (line.len) {
		const char *quote = memchr(line.at, '"', line.len);
		size_t n = quote ? (size_t)(quote - line.at) : line.len;
		struct str word = {line.at, n};

		if (holds_secret(word, SHORTEST))
			count(c, &a_value, word, &c->values);
		n += quote != NULL;
		line = (struct str){line.at + n, line.len - n};
	}
}

/* --- processes and variables ---------------------------------------------- */

static void count_name(void *context, struct str name)
{
	struct pack_contents *c = context;

	count(c, &a_name, name, &c->names);
}

static void count_event(struct pack_contents *c, const struct event *e)
{
	struct str pid = image_pid(e->image);

	if (pid.len)
		count(c, &a_process, pid, &c->processes);
	event_each_name(e, count_name, c);
}

void pack_contents_add(struct pack_contents *c, struct str line,
		       const struct event *e)
{
	c->lines++;
	count_paths(c, line);
	count_values(c, line);
	if (e)
		count_event(c, e);
}

struct str pack_contents_in_words(const struct pack_contents *c)
{
	return arena_print(
		c->arena,
		"%zu process%s, %zu name%s, %zu path%s below a home directory, "
		"%zu value%s",
		c->processes, c->processes == 1 ? "" : "es", c->names,
		c->names == 1 ? "" : "s", c->home_paths,
		c->home_paths == 1 ? "" : "s", c->values,
		c->values == 1 ? "" : "s");
}
