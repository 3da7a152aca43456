/* Steps of GitHub Actions. The runner writes the `run:` of a step to
 * .../_temp/ID.sh and starts a shell on the file: its nth line is the nth of
 * the step in .github/workflows. */
#include "command_sites/lookup.h"

#include <glob.h>
#include <stdlib.h>

#include "command_sites/partial_text.h"
#include "model/place.h"
#include "trace/site.h"

struct search {
	struct written_files *files;
	const struct image *shell;
	struct str script;  /* what the runner wrote */
	unsigned long line; /* the line of it that is looked for */
	struct str site;
	size_t n; /* how many steps have that script */
};

static size_t indentation(struct str line)
{
	size_t n = 0;

	while (n < line.len && line.at[n] == ' ')
		n++;
	return n;
}

static bool is_blank(struct str line)
{
	return !trim(line).len;
}

/* The line with ${{ ... }} left open. */
static struct str expand(struct arena *a, struct str line)
{
	char *to = TAKE(a, char, line.len + 1);
	size_t n = 0;

	while (line.len) {
		const char *end = line.len > 3 && !memcmp(line.at, "${{", 3)
					  ? memmem(line.at, line.len, "}}", 2)
					  : NULL;

		to[n++] = end ? ANY : *line.at;
		line = from(line, end ? (size_t)(end - line.at) + 2 : 1);
	}
	return (struct str){to, n};
}

/* Consumes the lines of a block; true when they may be those of the script. */
static bool is_block(struct search *s, struct str *rest, unsigned long *number)
{
	struct str script = s->script, line, wanted;
	size_t indent = 0;
	bool is_equal = true;

	while (rest->len) {
		struct str behind = *rest;

		next_line(&behind, &line);
		if (!is_blank(line)) {
			indent = indent ? indent : indentation(line);
			if (!indent || indentation(line) < indent)
				break;
		}
		*rest = behind;
		++*number;
		if (!next_line(&script, &wanted))
			wanted = STR("");
		is_equal &= may_be_equal(
			expand(s->files->arena,
			       from(line, indent ? indent : line.len)),
			wanted);
	}
	return is_equal && !trim(script).len;
}

static bool is_one_line(struct search *s, struct str value)
{
	struct str script = s->script, line;
	bool is_quoted = strchr("'\"", *value.at);

	if (is_quoted && memchr(value.at, '\\', value.len))
		return true;
	if (is_quoted && value.len > 1)
		value = (struct str){value.at + 1, value.len - 2};
	return next_line(&script, &line) && !trim(script).len &&
	       may_be_equal(expand(s->files->arena, value), trim(line));
}

static bool is_run(struct str line, struct str *ret_value)
{
	line = trim(line);
	if (line.len > 2 && !memcmp(line.at, "- ", 2))
		line = trim(from(line, 2));
	if (line.len < 4 || memcmp(line.at, "run:", 4))
		return false;
	*ret_value = trim(from(line, 4));
	return ret_value->len;
}

static void search_workflow(struct search *s, const char *path)
{
	struct str name = arena_print(s->files->arena, "%s", path), line, value;
	struct str rest = read_written(s->files, name, s->shell);
	unsigned long number = 0;

	while (next_line(&rest, &line)) {
		unsigned long first = ++number;
		bool is_literal, is_same;

		if (!is_run(line, &value))
			continue;
		is_literal = *value.at == '|';
		is_same = is_literal
				  ? is_block(s, &rest, &number)
				  : *value.at == '>' || is_one_line(s, value);
		if (!is_same)
			continue;
		s->n += *value.at == '>' ? 2 : 1; /* joined in other ways */
		s->site = site_at(s->files->arena, name,
				  first + s->line - !is_literal);
	}
}

static void search_directory(struct search *s, struct str directory)
{
	static const char *const patterns[] = {
		"workflows/*.yml", "workflows/*.yaml", "actions/*/action.yml",
		"actions/*/action.yaml"};

	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		struct str pattern =
			arena_print(s->files->arena, "%.*s/.github/%s",
				    STR_FMT(directory), patterns[i]);
		glob_t found;

		if (glob(pattern.at, 0, NULL, &found))
			continue;
		for (size_t k = 0; k < found.gl_pathc; k++)
			search_workflow(s, found.gl_pathv[k]);
		globfree(&found);
	}
}

static bool is_step_script(struct str file)
{
	const struct str end = STR(".sh");

	return memmem(file.at, file.len, "/_temp/", 7) && file.len > end.len &&
	       !memcmp(file.at + file.len - end.len, end.at, end.len);
}

struct str find_in_workflow(struct written_files *files,
			    const struct image *shell, struct str site)
{
	struct search s = {.files = files, .shell = shell};
	struct str directory = shell->cwd, file;

	if (!place_has_line(site) || memchr(directory.at, '*', directory.len))
		return (struct str){NULL, 0};
	file = site_file(site);
	s.line = site_line(site);
	if (!is_step_script(file))
		return (struct str){NULL, 0};
	s.script = read_written(
		files, path_below(files->arena, shell->cwd, file), shell);
	while (s.script.len && !s.n && directory.len > 1) {
		search_directory(&s, directory);
		directory.len -= str_base(directory).len + 1;
	}
	return s.n == 1 ? s.site : (struct str){NULL, 0};
}
