/* Scripts of fish, and of csh and tcsh: line by line. */
#include "command_sites/assignments.h"

#include "command_sites/shell/shell_grammar.h"

struct line_reader {
	struct assignments *all;
	struct str path;
	unsigned long line;
	unsigned functions; /* of fish: blocks around, from a function on */
};

typedef void take_line_of(struct line_reader *, struct str line);

static void read_lines(struct assignments *all, struct str path,
		       take_line_of *take_from)
{
	struct line_reader r = {.all = all, .path = path};
	struct str text = read_written(all->files, path, all->shell), line;

	while (text.len && next_line(&text, &line)) {
		r.line++;
		line = trim(line);
		if (line.len && *line.at != '#')
			take_from(&r, line);
	}
}

static void add(struct line_reader *r, struct str name)
{
	struct arena *a = r->all->files->arena;

	assignments_add(r->all,
			(struct unexported){
				.name = arena_print(a, "%.*s", STR_FMT(name)),
				.site = site_at(a, r->path, r->line)});
}

/* --- fish -------------------------------------------------------------------
 */

static bool exports(struct str option)
{
	if (option.len > 2 && option.at[1] == '-')
		return str_eq(option, STR("--export"));
	return memchr(option.at, 'x', option.len);
}

/* -e, -q, -S: no set at all. */
static bool asks(struct str option)
{
	return str_is_listed(option, "-e -q -S --erase --query --show") ||
	       (option.len > 2 && option.at[1] != '-' &&
		memchr(option.at, 'e', option.len));
}

static void take_fish_set(struct line_reader *r, struct str rest)
{
	bool is_exported = false;
	struct str word;

	while (next_word(&rest, &word) && word.len > 1 && *word.at == '-') {
		if (asks(word))
			return;
		is_exported |= exports(word);
	}
	if (is_exported)
		assignments_export(r->all, word);
	else if (word.len)
		add(r, word);
}

static void take_fish_line(struct line_reader *r, struct str line)
{
	struct str rest = line, word;

	if (!next_word(&rest, &word))
		return;
	if (r->functions)
		r->functions += (unsigned)str_is_listed(
					word, "function if while for switch "
					      "begin") -
				(unsigned)str_eq(word, STR("end"));
	else if (str_eq(word, STR("function")))
		r->functions = 1;
	else if (str_eq(word, STR("set")))
		take_fish_set(r, rest);
}

void read_fish_script(struct assignments *all, struct str path)
{
	read_lines(all, path, take_fish_line);
}

/* --- csh --------------------------------------------------------------------
 */

/* set NAME=value, set NAME = value; setenv NAME value. */
static void take_csh_line(struct line_reader *r, struct str line)
{
	struct str rest = line, word;
	size_t n = 0;

	if (!next_word(&rest, &word))
		return;
	if (str_eq(word, STR("setenv"))) {
		if (next_word(&rest, &word))
			assignments_export(r->all, word);
		return;
	}
	if (!str_eq(word, STR("set")) || !next_word(&rest, &word))
		return;
	while (n < word.len && word.at[n] != '=')
		n++;
	add(r, (struct str){word.at, n});
}

void read_csh_script(struct assignments *all, struct str path)
{
	read_lines(all, path, take_csh_line);
}
