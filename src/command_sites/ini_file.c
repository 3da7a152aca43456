#include "command_sites/ini_file.h"

#include "command_sites/partial_text.h"
#include "command_sites/shell/shell_parser.h"

static bool take(struct settings_reader *r, struct str *ret)
{
	if (!next_line(&r->rest, ret))
		return false;
	r->line++;
	return true;
}

static bool is_comment(struct str line)
{
	return !line.len || *line.at == '#' || *line.at == ';';
}

static bool goes_on(const struct settings_reader *r, struct str line)
{
	if (r->continued == '\\')
		return line.len && line.at[line.len - 1] == '\\';
	return r->rest.len && strchr(" \t", *r->rest.at);
}

static struct str with_more_lines(struct arena *a, struct settings_reader *r,
				  struct str line)
{
	struct str more;

	while (goes_on(r, line)) {
		line.len -= r->continued == '\\';
		if (!take(r, &more))
			break;
		line = arena_print(a, "%.*s %.*s", STR_FMT(line),
				   STR_FMT(trim(more)));
	}
	return line;
}

bool next_setting(struct arena *a, struct settings_reader *r,
		  struct setting *ret)
{
	struct str line;

	while (take(r, &line)) {
		const char *equals;

		line = trim(line);
		if (is_comment(line))
			continue;
		if (*line.at == '[') {
			r->section = line;
			continue;
		}
		ret->line = r->line;
		line = with_more_lines(a, r, line);
		equals = memchr(line.at, '=', line.len);
		if (!equals)
			continue;
		ret->section = r->section;
		ret->key =
			trim((struct str){line.at, (size_t)(equals - line.at)});
		ret->value = trim((struct str){
			equals + 1, (size_t)(line.at + line.len - equals - 1)});
		return true;
	}
	return false;
}

static struct str opened(struct arena *a, struct str value, char mark)
{
	char *to = TAKE(a, char, value.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < value.len; i++) {
		const char *end = NULL;

		if (value.at[i] != mark || i + 1 == value.len) {
			to[n++] = value.at[i];
			continue;
		}
		if (value.at[i + 1] == '(')
			end = memchr(value.at + i, ')', value.len - i);
		to[n++] = ANY;
		i = end ? (size_t)(end + 1 - value.at) : i + 1;
	}
	return (struct str){to, n};
}

/* A value that is no single command of the shell may have become any command.
 */
void add_command(struct command_list *list, struct str value, char mark,
		 unsigned long line)
{
	struct str open = opened(list->arena, value, mark);
	struct str words = parse_command(list->arena, open);

	*ARRAY_ADD(list->arena, list->at, list->n, list->room) =
		(struct written_command){.words = words.len ? words : STR("\1"),
					 .line = line};
}
