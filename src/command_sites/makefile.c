/* Makefiles. Every text which make may run is a line of the file, or several
 * lines ending in a backslash: a recipe, or an argument of $(shell). */
#include "command_sites/lookup.h"

#include <ctype.h>

#include "command_sites/partial_text.h"
#include "command_sites/program_options.h"
#include "command_sites/shell/shell_parser.h"

struct reader {
	struct command_list list;
	unsigned long line; /* the first of the current line */
	bool is_in_define;
};

/* --- texts ---------------------------------------------------------------- */

/* Behind `$(` or `${`: the length up to the closing bracket. */
static size_t reference_length(struct str s, char open)
{
	char close = open == '(' ? ')' : '}';
	size_t depth = 1, i = 0;

	for (; i < s.len && depth; i++) {
		depth += s.at[i] == open;
		depth -= s.at[i] == close;
	}
	return i;
}

/* The text with unknown parts for references to variables and functions. */
static struct str expand(struct arena *a, struct str text)
{
	char *to = TAKE(a, char, text.len + 1);
	size_t n = 0;

	while (text.len) {
		char next = text.len > 1 ? text.at[1] : '\0';

		if (*text.at != '$' || !next) {
			to[n++] = *text.at;
			text = from(text, 1);
			continue;
		}
		to[n++] = next == '$' ? '$' : ANY;
		text = from(text, 2);
		if (next == '(' || next == '{')
			text = from(text, reference_length(text, next));
	}
	return (struct str){to, n};
}

/* A text beginning with a variable may also be of a rule built into make. */
static void add(struct reader *r, struct str text)
{
	struct command_list *list = &r->list;
	struct str open = expand(list->arena, text);

	if (!open.len)
		return;
	if (*open.at == ANY)
		open = STR("\1");
	*ARRAY_ADD(list->arena, list->at, list->n, list->room) =
		(struct written_command){
			.words = parse_command(list->arena, open),
			.text = open,
			.line = r->line};
}

static void add_functions(struct reader *r, struct str line)
{
	static const char *const begins[] = {"$(shell ", "${shell "};

	for (size_t i = 0; i < 2; i++) {
		struct str rest = line;
		const char *at;

		while (rest.len &&
		       (at = memmem(rest.at, rest.len, begins[i], 8))) {
			size_t n;

			rest = from(rest, (size_t)(at - rest.at) + 8);
			n = reference_length(rest, begins[i][1]);
			add(r, trim((struct str){rest.at, n ? n - 1 : 0}));
		}
	}
}

/* --- lines ---------------------------------------------------------------- */

static bool continues(struct str line)
{
	size_t n = 0;

	while (n < line.len && line.at[line.len - 1 - n] == '\\')
		n++;
	return n % 2;
}

/* A line and the continuing lines, with a line end between, less the tab
 * with which a recipe goes on. */
static bool next_whole_line(struct arena *a, struct str *rest, struct str *ret,
			    unsigned long *number)
{
	struct str line;
	bool is_recipe;

	if (!next_line(rest, ret))
		return false;
	++*number;
	is_recipe = ret->len && *ret->at == '\t';
	while (continues(*ret) && next_line(rest, &line)) {
		++*number;
		line = from(line, is_recipe && line.len && *line.at == '\t');
		*ret = arena_print(a, "%.*s\n%.*s", STR_FMT(*ret),
				   STR_FMT(line));
	}
	return true;
}

static struct str without_flags(struct str recipe)
{
	while (recipe.len && strchr(" \t@+-", *recipe.at))
		recipe = from(recipe, 1);
	return recipe;
}

static bool has(struct str line, const char *part)
{
	return line.len && memmem(line.at, line.len, part, strlen(part));
}

/* Directives which change the reading of the rest of the file. */
static bool is_not_understood(struct str line)
{
	return has(line, "$(eval") || has(line, "${eval") ||
	       has(line, ".ONESHELL") || has(line, ".RECIPEPREFIX") ||
	       has(line, "$(guile");
}

static void add_includes(struct reader *r, struct str names)
{
	struct command_list *list = &r->list;
	struct str name;

	while (next_word(&names, &name) && *name.at != '#') {
		list->has_more |= memchr(name.at, '$', name.len) != NULL;
		add_step(list, (struct list_step){.path = name});
	}
}

/* The first recipe of a rule may stand behind a semicolon. */
static void add_behind(struct reader *r, struct str line, const char *mark)
{
	size_t n = strlen(mark);
	const char *at = memmem(line.at, line.len, mark, n);

	if (at)
		add(r, without_flags(from(line, (size_t)(at - line.at) + n)));
}

static void read_line(struct reader *r, struct str line)
{
	struct str rest = line, first;

	r->list.has_more |= is_not_understood(line);
	add_functions(r, line);
	if (!next_word(&rest, &first) || *first.at == '#')
		return;
	if (str_eq(first, STR("endef"))) {
		r->is_in_define = false;
	} else if (*line.at == '\t' || r->is_in_define) {
		add(r, without_flags(line));
	} else if (str_is_listed(first, "include -include sinclude")) {
		add_includes(r, rest);
	} else if (str_eq(first, STR("define"))) {
		r->is_in_define = true;
	} else {
		r->list.has_more |= str_eq(first, STR("load"));
		add_behind(r, line, ";");
		add_behind(r, line, "!=");
	}
}

static struct command_list parse_makefile(struct arena *a, struct str text)
{
	struct reader r = {.list = {.arena = a}, .line = 1};
	unsigned long number = 0;
	struct str line;

	while (next_whole_line(a, &text, &line, &number)) {
		read_line(&r, line);
		r.line = number + 1;
	}
	return r.list;
}

/* --- which makefiles ------------------------------------------------------ */

struct options {
	struct str directory, files[8];
	size_t n;
};

static bool read_options(struct arena *a, const struct image *make,
			 struct options *o)
{
	const struct strs *args = model_arguments(make);

	if (!has_all_options(make))
		return false;
	o->directory = make->cwd;
	for (size_t i = 1; i < args->n; i++) {
		struct str value = {NULL, 0};

		if (takes_option(args, &i, 'C', "--directory", &value))
			o->directory = path_below(a, o->directory, value);
		else if (takes_option(args, &i, 'f', "--file --makefile",
				      &value) &&
			 o->n < sizeof o->files / sizeof *o->files)
			o->files[o->n++] = value;
	}
	return o->directory.len;
}

/* The first existing file, in the order of make. */
static struct str default_makefile(struct arena *a, struct str directory)
{
	static const char *const names[] = {"GNUmakefile", "makefile",
					    "Makefile"};
	struct str path = {NULL, 0};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		path = path_below(a, directory, str_of(names[i]));
		if (is_written_there(path))
			break;
	}
	return path;
}

struct str find_in_makefile(struct written_files *files,
			    const struct launched *l)
{
	struct arena *a = files->arena;
	struct options o = {.n = 0};
	struct list_search s = begin_search(files, l, parse_makefile);

	if (!read_options(a, l->by, &o))
		return (struct str){NULL, 0};
	s.directory = o.directory;
	if (!o.n)
		search_list(&s, default_makefile(a, o.directory));
	for (size_t i = 0; i < o.n; i++)
		search_list(&s, path_below(a, o.directory, o.files[i]));
	return found_site(&s);
}
