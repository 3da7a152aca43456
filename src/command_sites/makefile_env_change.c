/* The line of a makefile that exports, empties or withholds a variable: a line
 * outside of the recipes, and the only one that has the name. */
#include "command_sites/makefile_env_change.h"

#include <ctype.h>

static bool is_name_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* A reference, `$(NAME)` or `${NAME}`, changes nothing. */
static bool has_name(struct str line, struct str name)
{
	for (size_t at = 0; at + name.len <= line.len; at++) {
		size_t end = at + name.len;

		if (memcmp(line.at + at, name.at, name.len) ||
		    (at && (is_name_byte(line.at[at - 1]) ||
			    strchr("({$", line.at[at - 1]))) ||
		    (end < line.len && is_name_byte(line.at[end])))
			continue;
		return true;
	}
	return false;
}

static struct str without_comment(struct str line)
{
	const char *mark = line.len ? memchr(line.at, '#', line.len) : NULL;

	return mark ? (struct str){line.at, (size_t)(mark - line.at)} : line;
}

/* Behind `run:`, for a target alone: `run: export NAME =`. */
static struct str without_target(struct str line)
{
	const char *mark = line.len ? memchr(line.at, ':', line.len) : NULL;
	size_t n = mark ? (size_t)(mark - line.at) : line.len;

	if (n + 1 >= line.len || !isspace((unsigned char)mark[1]))
		return line;
	return trim(from(line, n + 1));
}

/* `export NAME =`, `NAME :=`: an assignment with a fixed value. */
static bool is_assignment(struct str line, struct str name)
{
	struct str word, rest = line;

	if (!next_word(&rest, &word))
		return false;
	if (str_is_listed(word, "export override"))
		line = trim(rest);
	if (line.len < name.len || memcmp(line.at, name.at, name.len))
		return false;
	line = trim(from(line, name.len));
	while (line.len && *line.at == ':')
		line = from(line, 1);
	return line.len && *line.at == '=';
}

static enum change change_of(struct str line, struct str name)
{
	struct str word, rest = line;

	if (next_word(&rest, &word) && str_eq(word, STR("unexport")))
		return REMOVES;
	return is_assignment(line, name) ? SETS : UNCERTAIN;
}

/* Of the rest of the file more is not known than that it may name the variable.
 */
static bool runs_other_text(struct str line)
{
	struct str word;

	return next_word(&line, &word) &&
	       (str_is_listed(word, "include -include sinclude define load") ||
		memmem(word.at, word.len, "$(eval", 6));
}

unsigned long line_of_makefile_change(struct str text, struct str name,
				      enum change wanted)
{
	unsigned long number = 0, found = 0;
	struct str line;

	while (next_line(&text, &line)) {
		number++;
		if (line.len && *line.at == '\t')
			continue;
		line = without_comment(line);
		if (!line.len)
			continue;
		if (runs_other_text(line))
			return 0;
		if (!has_name(line, name))
			continue;
		if (found ||
		    change_of(without_target(trim(line)), name) != wanted)
			return 0;
		found = number;
	}
	return found;
}
