/* Commands of tox: the lines of `commands` and its like in tox.ini, started by
 * exec from the environment's own directory. */
#include "command_sites/lookup.h"

#include "base/pattern.h"
#include "command_sites/partial_text.h"
#include "command_sites/program_options.h"
#include "command_sites/shell/shell_parser.h"

/* `{posargs}` and its like may be any text. */
static struct str without_substitutions(struct arena *a, struct str line)
{
	char *to = TAKE(a, char, line.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < line.len; i++) {
		const char *end = NULL;

		if (line.at[i] == '{')
			end = memchr(line.at + i, '}', line.len - i);
		to[n++] = end ? ANY : line.at[i];
		if (end)
			i = (size_t)(end - line.at);
	}
	return (struct str){to, n};
}

/* `- command` may fail, and `! command` must. */
static struct str without_mark(struct str line)
{
	return line.len && strchr("-!", *line.at) ? trim(from(line, 1)) : line;
}

/* The program is found in the environment, and started by its path. A line that
 * is not understood may be any command. */
static void add_line(struct command_list *list, struct str line,
		     unsigned long number)
{
	struct arena *a = list->arena;
	struct str words =
		parse_command(a, without_substitutions(a, without_mark(line)));

	*ARRAY_ADD(a, list->at, list->n, list->room) = (struct written_command){
		.words = arena_print(a, "%c%.*s", ANY, STR_FMT(words)),
		.line = number};
}

static struct str value_of_commands(struct str line)
{
	const char *equals = memchr(line.at, '=', line.len);
	struct str key = {line.at, equals ? (size_t)(equals - line.at) : 0};

	if (!str_matches_any(trim(key), "commands commands_pre commands_post"))
		return (struct str){NULL, 0};
	return from(line, key.len + 1);
}

static struct command_list parse_tox_ini(struct arena *a, struct str text)
{
	struct command_list list = {.arena = a};
	bool is_commands = false;
	unsigned long number = 0;
	struct str line;

	while (next_line(&text, &line)) {
		bool goes_on = line.len && strchr(" \t", *line.at);

		number++;
		if (!trim(line).len || *trim(line).at == '#')
			continue;
		if (!goes_on) {
			line = value_of_commands(line);
			is_commands = line.at;
		}
		if (is_commands && trim(line).len)
			add_line(&list, trim(line), number);
	}
	return list;
}

struct str find_in_tox_ini(struct written_files *files,
			   const struct launched *l)
{
	struct list_search s = begin_search(files, l, parse_tox_ini);
	struct str file;

	if (!has_all_options(l->by))
		return (struct str){NULL, 0};
	file = value_of_option(l->by, 'c', "--conf");
	search_list(&s, path_below(files->arena, l->by->cwd,
				   file.len ? file : STR("tox.ini")));
	return found_site(&s);
}
