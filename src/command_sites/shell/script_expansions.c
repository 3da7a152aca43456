#include "command_sites/shell/script_expansions.h"

#include "base/array.h"
#include "base/path.h"
#include "command_sites/line_env_change.h"
#include "runtimes/runtime.h"

enum { DEEPEST = 4 };

struct walk {
	struct written_files *files;
	const struct image *shell;
	struct hashmap *wanted, *own; /* names */
	struct str script;	      /* its path */
	struct str directory;	      /* of the shell; len 0: not known */
	struct str place;	      /* a variable: the script's directory */
	struct script_expansions found;
	bool is_uncertain;
	unsigned depth;
};

/* --- a variable for the directory of the script -----------------------------
 */

static struct str without_quotes_and_blanks(struct arena *a, struct str text)
{
	char *to = TAKE(a, char, text.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		if (!strchr("\" \t", text.at[i]))
			to[n++] = text.at[i];
	return (struct str){to, n};
}

static bool is_script_directory(struct str value)
{
	static const char *const forms =
		"$(dirname$0) $(dirname--$0) ${0%/*} ${BASH_SOURCE%/*} "
		"$(dirname${BASH_SOURCE[0]}) $(dirname$(readlink-f$0)) "
		"$(cd$(dirname$0)&&pwd) $(cd$(dirname$0);pwd) "
		"$(cd$(dirname$0)&&pwd-P) $(cd--$(dirname$0)&&pwd) "
		"$(cd$(dirname${BASH_SOURCE[0]})&&pwd) "
		"$(cd$(dirname${BASH_SOURCE[0]})&&pwd-P) "
		"$(cd--$(dirname${BASH_SOURCE[0]})&&pwd) "
		"$(cd$(dirname${BASH_SOURCE[0]})>/dev/null&&pwd) "
		"$(cd$(dirname${BASH_SOURCE[0]})&>/dev/null&&pwd) "
		"$(cd$(dirname${BASH_SOURCE[0]})>/dev/null2>&1&&pwd)";

	return str_is_listed(value, forms);
}

/* DIR="$(cd "$(dirname "$0")" && pwd)" */
static void note_place(struct walk *w, struct str line)
{
	const char *sign = memchr(line.at, '=', line.len);
	struct str name = {line.at, sign ? (size_t)(sign - line.at) : 0};

	if (str_has_prefix(name, STR("readonly ")))
		name = from(name, strlen("readonly "));
	if (!name.len)
		return;
	if (is_script_directory(without_quotes_and_blanks(
		    w->files->arena, from(line, (size_t)(sign + 1 - line.at)))))
		w->place = name;
	else if (str_eq(name, w->place))
		w->place.len = 0;
}

/* The line with the directory in the place of `$DIR` and `${DIR}`. */
static struct str with_place(const struct walk *w, struct str line)
{
	struct str directory = path_parent(w->script);

	for (size_t i = 0; w->place.len && i + w->place.len < line.len; i++) {
		size_t braced = line.at[i + 1] == '{';
		size_t name = i + 1 + braced, end = name + w->place.len;

		if (line.at[i] == '$' && end + braced < line.len &&
		    !memcmp(line.at + name, w->place.at, w->place.len) &&
		    line.at[end + braced] == '/')
			return arena_print(w->files->arena, "%.*s%.*s%.*s",
					   (int)i, line.at, STR_FMT(directory),
					   STR_FMT(from(line, end + braced)));
	}
	return line;
}

/* --- a file ----------------------------------------------------------------
 */

static void walk_text(struct walk *, struct str path, struct str text);

static void walk_included(struct walk *w, struct str path)
{
	struct str text = read_written(w->files, path, w->shell);

	w->is_uncertain |= w->depth == DEEPEST;
	if (w->is_uncertain)
		return;
	w->depth++;
	if (text.len)
		walk_text(w, path, text);
	else
		w->is_uncertain = !was_missing(path, w->shell);
	w->depth--;
}

/* The number of files that the text reads, as far as known. */
static size_t walk_lines(struct walk *w, struct str text)
{
	struct str line, path;
	size_t n = 0;

	while (next_line(&text, &line)) {
		line = trim(line);
		if (!line.len || *line.at == '#')
			continue;
		note_place(w, line);
		path = included_file(w->files->arena, with_place(w, line),
				     w->directory, w->script);
		if (path.len) {
			walk_included(w, path);
			n++;
		}
		w->directory = directory_behind(line, w->directory, w->script);
	}
	return n;
}

static void walk_text(struct walk *w, struct str path, struct str text)
{
	struct arena *a = w->files->arena;
	struct expansions e = find_expansions(a, text, w->wanted, w->own);

	for (size_t i = 0; i < e.n; i++)
		*ARRAY_ADD(a, w->found.at, w->found.n, w->found.room) =
			(struct script_expansion){e.at[i], path};
	w->is_uncertain |= walk_lines(w, text) != e.n_includes;
}

/* A name that the texts set is no name from outside. */
static void drop_own(struct walk *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->found.n && !w->is_uncertain; i++)
		if (!hashmap_find(w->own, NULL, w->found.at[i].expansion.name))
			w->found.at[kept++] = w->found.at[i];
	w->found.n = kept;
}

struct script_expansions find_script_expansions(struct written_files *files,
						const struct image *shell,
						struct hashmap *wanted)
{
	struct walk w = {.files = files,
			 .shell = shell,
			 .wanted = wanted,
			 .own = hashmap_new(files->arena),
			 .directory = shell->cwd};

	if (runtime_script(shell).len)
		w.script = path_below(files->arena, shell->cwd,
				      runtime_script(shell));
	walk_text(&w, w.script,
		  w.script.len ? read_written(files, w.script, shell)
			       : runtime_shell_text(shell));
	drop_own(&w);
	return w.found;
}
