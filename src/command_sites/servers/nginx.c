/* nginx keeps for the workers what `env` names, at the top of the file, and
 * takes a header away by `proxy_set_header NAME ""`. */
#include "command_sites/servers/included_files.h"

#include <ctype.h>

#include "base/array.h"
#include "base/path.h"
#include "trace/site.h"

struct configuration {
	const struct server_search *search;
	struct server_setting *setting;
	unsigned long first, env; /* lines of the main file */
	unsigned depth, files;	  /* of includes */
	bool is_unknown;
};

/* --- directives ----------------------------------------------------------- */

struct reader {
	struct str rest;
	unsigned long line;
	size_t depth; /* of blocks */
};

static void step(struct reader *r)
{
	r->line += *r->rest.at == '\n';
	r->rest = from(r->rest, 1);
}

static void skip_comment(struct reader *r)
{
	while (r->rest.len && *r->rest.at != '\n')
		step(r);
}

static void skip_quoted(struct reader *r)
{
	char quote = *r->rest.at;

	step(r);
	while (r->rest.len && *r->rest.at != quote) {
		if (*r->rest.at == '\\' && r->rest.len > 1)
			step(r);
		step(r);
	}
	if (r->rest.len)
		step(r);
}

/* Blanks, comments, and what ends a directive. */
static void skip_between(struct reader *r)
{
	while (r->rest.len) {
		char c = *r->rest.at;

		if (c == '#')
			skip_comment(r);
		else if (isspace((unsigned char)c) || strchr(";{}", c))
			step(r);
		else
			return;
		if (c == '{')
			r->depth++;
		else if (c == '}' && r->depth)
			r->depth--;
	}
}

/* Up to the end of the directive, which stays. */
static struct str take_directive(struct reader *r)
{
	struct str text = r->rest;

	while (r->rest.len && !strchr(";{}", *r->rest.at)) {
		if (strchr("'\"", *r->rest.at))
			skip_quoted(r);
		else
			step(r);
	}
	text.len -= r->rest.len;
	return text;
}

/* --- their meaning -------------------------------------------------------- */

/* NAME of `env NAME` and `env NAME=value`. */
static void take_env(struct configuration *c, struct str words,
		     unsigned long line)
{
	struct server_setting *setting = c->setting;
	struct str name;
	const char *equals;

	if (!next_word(&words, &name))
		return;
	equals = memchr(name.at, '=', name.len);
	if (equals)
		name.len = (size_t)(equals - name.at);
	c->env = c->env ? c->env : line;
	*ARRAY_ADD(c->search->files->arena, setting->passes.at,
		   setting->passes.n, setting->room) = name;
}

/* NAME of `proxy_set_header NAME ""`. */
static void take_header(struct configuration *c, struct str words,
			struct str site)
{
	struct server_setting *setting = c->setting;
	struct str name, value;

	if (next_word(&words, &name) && next_word(&words, &value) &&
	    (str_eq(value, STR("\"\"")) || str_eq(value, STR("''"))))
		*ARRAY_ADD(c->search->files->arena, setting->dropped.at,
			   setting->dropped.n, setting->dropped_room) =
			(struct dropped_header){.name = name, .site = site};
}

static void read_included(void *context, struct str path);

static void include(struct configuration *c, struct str words)
{
	struct str pattern;

	if (!next_word(&words, &pattern) || c->depth == MOST_INCLUDES ||
	    c->files > MOST_INCLUDED) {
		c->is_unknown = true;
		return;
	}
	c->depth++;
	if (!each_included_file(c->search, path_parent(c->search->path),
				pattern, read_included, c))
		c->is_unknown = true;
	c->depth--;
}

static void take(struct configuration *c, struct str directive, struct str path,
		 unsigned long line, bool is_top)
{
	struct str word;

	if (!c->depth && !c->first)
		c->first = line;
	if (!next_word(&directive, &word))
		return;
	if (str_eq(word, STR("env")) && is_top && !c->depth)
		take_env(c, directive, line);
	else if (str_eq(word, STR("proxy_set_header")))
		take_header(c, directive,
			    site_at(c->search->files->arena, path, line));
	else if (str_eq(word, STR("include")))
		include(c, directive);
}

static void read_included(void *context, struct str path)
{
	struct configuration *c = context;
	struct reader r = {
		.rest = read_written(c->search->files, path, c->search->server),
		.line = 1};

	if (++c->files > MOST_INCLUDED || !r.rest.len)
		c->is_unknown = true;
	if (c->files > MOST_INCLUDED)
		return;
	for (skip_between(&r); r.rest.len; skip_between(&r)) {
		unsigned long line = r.line;
		bool is_top = !r.depth;

		take(c, take_directive(&r), path, line, is_top);
	}
	if (r.depth) {
		c->is_unknown = true;
		c->first = 0;
	}
}

void find_in_nginx(const struct server_search *s, struct server_setting *ret)
{
	struct configuration c = {.search = s, .setting = ret};

	read_included(&c, s->path);
	if (c.first)
		ret->site = site_at(s->files->arena, s->path,
				    c.env ? c.env : c.first);
	if (c.is_unknown)
		ret->dropped.n = 0;
}
