#include "command_sites/included_file.h"

#include "base/path.h"

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
