/* The scripts of package.json, as npm, pnpm and yarn run them. */
#include "command_sites/lookup.h"

#include "command_sites/partial_text.h"
#include "command_sites/shell/shell_parser.h"
#include "runtimes/runtime.h"
#include "trace/json.h"

enum fit {
	FITS_NOT,
	FITS_WITH_WORDS, /* npm and yarn add further words to the text */
	FITS,
};

struct search {
	struct arena *arena;
	const struct launched *launched;
	struct str name; /* of the script; len 0: not known */
	struct str path, text;
	enum fit fit;
	unsigned long line; /* of the script that fits best */
	size_t n;	    /* how many fit as well */
};

static unsigned long line_of(struct str text, const char *at)
{
	unsigned long line = 1;

	for (const char *c = text.at; c < at; c++)
		line += *c == '\n';
	return line;
}

static enum fit fit_of_text(struct arena *a, struct str script,
			    const struct launched *l)
{
	struct str more = arena_print(a, "%.*s %c", STR_FMT(script), ANY);

	if (may_be_equal(script, l->text))
		return FITS;
	return l->by && may_be_equal(more, l->text) ? FITS_WITH_WORDS
						    : FITS_NOT;
}

/* `keytrail run -- node app.js` of a script becomes the root `node app.js`. */
static bool ends_a_command(struct arena *a, struct str script,
			   const struct launched *l)
{
	struct command_list t = parse_shell(a, script);
	struct str end =
		arena_print(a, "%c%c%.*s", ANY, BETWEEN, STR_FMT(l->words));

	for (size_t i = 0; i < t.n; i++)
		if (may_be_equal(t.at[i].words, l->words) ||
		    may_be_equal(t.at[i].words, end))
			return true;
	return false;
}

static enum fit fit_of(const struct search *s, struct str script)
{
	const struct launched *l = s->launched;
	bool is_same;

	if (has_unknown_bytes(script))
		return FITS_NOT;
	if (l->by && l->text.len)
		return fit_of_text(s->arena, script, l);
	is_same = l->by ? is_in_shell_text(s->arena, script, l)
			: ends_a_command(s->arena, script, l) ||
				  (l->text.len &&
				   fit_of_text(s->arena, script, l));
	return is_same ? FITS : FITS_NOT;
}

static void add(struct search *s, enum fit fit, const char *at)
{
	if (fit > s->fit)
		s->n = 0;
	if (fit < s->fit || fit == FITS_NOT)
		return;
	s->fit = fit;
	s->line = line_of(s->text, at);
	s->n++;
}

static void search_scripts(struct search *s, struct json *j)
{
	struct str name;

	json_open(j, JSON_OBJECT);
	while (json_key(j, &name)) {
		const char *at = j->at;

		if (json_peek(j) != JSON_STRING ||
		    (s->name.len && !str_eq(s->name, name)))
			json_skip(j);
		else
			add(s, fit_of(s, json_string(j)), at);
	}
}

static struct str search_package(struct search *s)
{
	struct json j = json_of(s->arena, s->text);
	struct str key;

	json_open(&j, JSON_OBJECT);
	while (json_key(&j, &key))
		if (str_eq(key, STR("scripts")) && json_peek(&j) == JSON_OBJECT)
			search_scripts(s, &j);
		else
			json_skip(&j);
	if (!json_whole(&j) || s->n != 1)
		return (struct str){NULL, 0};
	return site_at(s->arena, s->path, s->line);
}

struct str find_in_package(struct written_files *files,
			   const struct launched *l)
{
	const struct event *birth = l->image->birth;
	struct search s = {.arena = files->arena, .launched = l};

	s.path = birth && birth->npm_package.len
			 ? path_below(s.arena, STR(""), birth->npm_package)
			 : path_below(s.arena, l->image->cwd,
				      STR("package.json"));
	s.name = birth ? birth->npm_event : s.name;
	s.text = read_written(files, s.path, l->by ? l->by : l->image);
	return s.text.len ? search_package(&s) : (struct str){NULL, 0};
}
