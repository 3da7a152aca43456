/* Lines that only expand or print the name change nothing. */
#include "command_sites/line_env_change.h"

#include <ctype.h>

#include "base/path.h"

static bool is_name_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool begins_with(struct str s, struct str word)
{
	return str_has_prefix(s, word) &&
	       (s.len == word.len || word.at[word.len - 1] == ' ' ||
		!is_name_byte(s.at[word.len]));
}

static bool begins_with_any(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (begins_with(s, str_of(*words)))
			return true;
	return false;
}

/* True for a line that may run text of another place, or remove a name held in
 * another variable. */
bool runs_other_text(struct str line)
{
	static const char *const readers[] = {". ", "source", "eval", "trap",
					      NULL};
	static const char *const parts[] = {"eval ",	"source ", "; . ",
					    "& . ",	"<<",	   "unset $",
					    "unset \"", "read ",   NULL};

	if (begins_with_any(line, readers))
		return true;
	for (const char *const *part = parts; *part; part++)
		if (memmem(line.at, line.len, *part, strlen(*part)))
			return true;
	return false;
}

bool only_prints(struct str line)
{
	static const char *const words[] = {"echo", "printf", NULL};

	return begins_with_any(line, words) && !memchr(line.at, ';', line.len);
}

/* `then unset NAME` */
static struct str without_keywords(struct str command)
{
	static const char *const words[] = {"if ",   "then ",  "elif ",
					    "else ", "while ", "until ",
					    "do ",   "! ",     NULL};

	while (begins_with_any(command, words))
		command = trim(from(command, strcspn(command.at, " ")));
	return command;
}

/* The command of the line in which the byte stands. */
static struct str command_around(struct str line, size_t at)
{
	size_t begin = at, end = at;

	while (begin && !strchr(";&|({", line.at[begin - 1]))
		begin--;
	while (end < line.len && !strchr(";&|)}", line.at[end]))
		end++;
	return without_keywords(
		trim((struct str){line.at + begin, end - begin}));
}

static bool ends_command(struct str rest)
{
	return !rest.len || rest.at[0] == ';' || rest.at[0] == '#' ||
	       (rest.len > 1 && strchr("&|", rest.at[0]) &&
		rest.at[1] == rest.at[0]);
}

/* `NAME=value` alone: with a command behind, the value is for the command. */
static bool is_whole_assignment(struct str line, size_t value)
{
	char quote = value < line.len ? line.at[value] : '\0';
	size_t i = value;

	if (quote == '"' || quote == '\'') {
		for (i++; i < line.len && line.at[i] != quote; i++)
			;
		i++;
	} else {
		while (i < line.len && !isspace((unsigned char)line.at[i]) &&
		       !strchr("`;&|(", line.at[i]))
			i++;
	}
	line = i < line.len ? trim(from(line, i)) : STR("");
	return ends_command(line);
}

/* The effect of the line on the name at `at`. */
static enum change change_at(struct str line, size_t at, size_t len)
{
	static const char *const unset[] = {"unset", "export -n", "declare +x",
					    "typeset +x", NULL};
	static const char *const exports[] = {"export", "declare -x",
					      "typeset -x", NULL};
	static const char *const declares[] = {"local", "readonly", NULL};
	struct str command = command_around(line, at);
	bool assigns = at + len < line.len && line.at[at + len] == '=';

	if (begins_with_any(command, unset))
		return assigns ? UNCERTAIN : REMOVES;
	if (begins_with_any(command, exports))
		return assigns ? SETS : NO_CHANGE;
	if (assigns && begins_with_any(command, declares))
		return SETS;
	if (command.at == line.at + at && assigns &&
	    is_whole_assignment(line, at + len + 1))
		return SETS;
	return UNCERTAIN;
}

/* `$NAME` and `${NAME...}` but `${NAME:=...}` only read. */
static bool only_expands(struct str line, size_t at, size_t len)
{
	size_t end = at + len;

	if (at && line.at[at - 1] == '$')
		return true;
	if (at < 2 || line.at[at - 1] != '{' || line.at[at - 2] != '$')
		return false;
	end += end < line.len && line.at[end] == ':';
	return end >= line.len || line.at[end] != '=';
}

static bool stands_alone(struct str line, size_t at, size_t len)
{
	return (!at || !is_name_byte(line.at[at - 1])) &&
	       (at + len == line.len || !is_name_byte(line.at[at + len]));
}

/* Where the line from `at` on mentions the name other than to expand it;
 * line.len: nowhere. */
static size_t next_mention(struct str line, struct str name, size_t at)
{
	for (; at + name.len <= line.len; at++)
		if (!memcmp(line.at + at, name.at, name.len) &&
		    stands_alone(line, at, name.len) &&
		    !only_expands(line, at, name.len))
			return at;
	return line.len;
}

enum change change_of_line(struct str line, struct str name)
{
	enum change found = NO_CHANGE;

	for (size_t at = next_mention(line, name, 0); at < line.len;
	     at = next_mention(line, name, at + 1)) {
		enum change c = change_at(line, at, name.len);

		if (c != NO_CHANGE && found != NO_CHANGE)
			return UNCERTAIN;
		found = c != NO_CHANGE ? c : found;
	}
	return found;
}

static struct str first_word(struct str s)
{
	size_t n = 0;

	while (n < s.len && !isspace((unsigned char)s.at[n]))
		n++;
	return (struct str){s.at, n};
}

/* True of `NAME=value command`, where assignments of other names may stand
 * before: for a name that the line has once. */
bool sets_for_command(struct str line, struct str name)
{
	size_t at = next_mention(line, name, 0), value = at + name.len;
	struct str before;

	if (value >= line.len || line.at[value] != '=' ||
	    is_whole_assignment(line, value + 1) ||
	    next_mention(line, name, at + 1) < line.len)
		return false;
	before = command_around(line, at);
	while (before.at < line.at + at &&
	       memchr(first_word(before).at, '=', first_word(before).len))
		before = trim(from(before, first_word(before).len));
	return before.at == line.at + at;
}

/* --- a file that the line reads ---------------------------------------------
 */

static bool take(struct str *s, const char *word)
{
	size_t n = strlen(word);

	if (s->len < n || memcmp(s->at, word, n))
		return false;
	*s = from(*s, n);
	return true;
}

static bool take_any(struct str *s, const char *const *words)
{
	for (; *words; words++)
		if (take(s, *words))
			return true;
	return false;
}

/* Behind `. ` or `source `, perhaps behind a test that changes nothing. */
static bool take_command(struct str *line)
{
	static const char *const commands[] = {". ", "source ", NULL};
	const char *test = memmem(line->at, line->len, " && ", 4);

	if (test && (*line->at == '[' || take(line, "test ")))
		*line = trim(from(*line, (size_t)(test + 4 - line->at)));
	return take_any(line, commands);
}

/* A path that the shell takes as written. */
static bool is_plain(struct str path)
{
	for (size_t i = 0; i < path.len; i++)
		if (strchr("$`*?[]{}~;&|<>()\"'\\ \t#", path.at[i]))
			return false;
	return path.len;
}

static struct str below(struct arena *a, struct str directory, struct str path)
{
	return is_plain(path) && directory.len ? path_below(a, directory, path)
					       : (struct str){NULL, 0};
}

struct str included_file(struct arena *a, struct str line, struct str directory,
			 struct str script)
{
	static const char *const beside[] = {
		"$(dirname \"$0\")/",
		"$(dirname $0)/",
		"${0%/*}/",
		"$(dirname \"${BASH_SOURCE[0]}\")/",
		"$(dirname ${BASH_SOURCE[0]})/",
		NULL};
	static const char *const here[] = {"$PWD/", "${PWD}/", "$(pwd)/", NULL};
	struct str path;

	if (!take_command(&line))
		return (struct str){NULL, 0};
	path = trim(line);
	if (path.len > 2 && *path.at == '"' && path.at[path.len - 1] == '"')
		path = (struct str){path.at + 1, path.len - 2};
	if (take_any(&path, beside))
		return below(a, path_parent(script), path);
	if (take_any(&path, here))
		return below(a, directory, path);
	/* A name without a slash is looked for in PATH. */
	if (!memchr(path.at, '/', path.len))
		return (struct str){NULL, 0};
	return below(a, directory, path);
}

static bool is_any(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (str_eq(s, str_of(*words)))
			return true;
	return false;
}

struct str directory_behind(struct str line, struct str directory,
			    struct str script)
{
	static const char *const beside[] = {
		"cd \"$(dirname \"$0\")\"",
		"cd $(dirname $0)",
		"cd \"$(dirname $0)\"",
		"cd \"${0%/*}\"",
		"cd \"$(dirname \"${BASH_SOURCE[0]}\")\"",
		NULL};
	static const char *const moves[] = {"cd ", "pushd ", "popd", NULL};
	const char *end = memmem(line.at, line.len, " || ", 4);
	struct str command = line;

	if (end)
		command.len = (size_t)(end - line.at);
	if (is_any(trim(command), beside))
		return path_parent(script);
	if (take_any(&command, moves) ||
	    memmem(line.at, line.len, "; cd ", 5) ||
	    memmem(line.at, line.len, "&& cd ", 6))
		return (struct str){NULL, 0};
	return directory;
}
