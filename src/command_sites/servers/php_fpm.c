/* A worker of PHP-FPM has the environment of its pool: empty, but for `env[]`,
 * unless the pool has `clear_env = no`. The pools stand in the configuration
 * and in the files that it includes. */
#include "command_sites/servers/included_files.h"

#include <strings.h>

#include "command_sites/program_options.h"

enum { MOST_POOLS = 64 };

struct pool {
	struct str name, site;
	bool keeps;
};

struct pools {
	const struct server_search *search;
	struct pool at[MOST_POOLS], *now;
	size_t n;
	unsigned depth, files; /* of includes */
	bool is_unknown;       /* a part cannot be read */
};

/* --- one pool ------------------------------------------------------------- */

static struct pool *find_pool(struct pools *p, struct str name, struct str site)
{
	if (str_eq(name, STR("global")))
		return NULL;
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->at[i].name, name))
			return &p->at[i];
	if (p->n == MOST_POOLS) {
		p->is_unknown = true;
		return NULL;
	}
	p->at[p->n] = (struct pool){.name = name, .site = site};
	return &p->at[p->n++];
}

static bool is_word(struct str value, const char *words)
{
	struct str rest = str_of(words), word;

	while (next_word(&rest, &word))
		if (word.len == value.len &&
		    !strncasecmp(word.at, value.at, word.len))
			return true;
	return false;
}

static struct str unquoted(struct str value)
{
	if (value.len > 1 && *value.at == value.at[value.len - 1] &&
	    strchr("'\"", *value.at))
		value = (struct str){value.at + 1, value.len - 2};
	return value;
}

static void set_clear_env(struct pools *p, struct str value, struct str site)
{
	bool keeps = is_word(value, "no off false 0 none");

	if (!p->now || !(keeps || is_word(value, "yes on true 1"))) {
		p->is_unknown = true;
		return;
	}
	p->now->keeps = keeps;
	p->now->site = site;
}

/* --- files ---------------------------------------------------------------- */

static void read_file(void *context, struct str path);

static void include(struct pools *p, struct str pattern)
{
	const struct image *server = p->search->server;
	struct str prefix = value_of_option(server, 'p', "--prefix");
	struct str folder =
		path_below(p->search->files->arena, server->cwd, prefix);

	if (p->depth == MOST_INCLUDES || p->files > MOST_INCLUDED) {
		p->is_unknown = true;
		return;
	}
	p->depth++;
	if (!each_included_file(p->search, folder, pattern, read_file, p))
		p->is_unknown = true;
	p->depth--;
	p->now = NULL;
}

static void read_line(struct pools *p, struct str line, struct str site)
{
	const char *equals = memchr(line.at, '=', line.len);
	const char *end = memchr(line.at, ']', line.len), *comment;
	struct str key, value;

	if (*line.at == '[') {
		key = (struct str){line.at + 1,
				   end ? (size_t)(end - line.at) - 1 : 0};
		p->now = find_pool(p, key, site);
		return;
	}
	if (!equals)
		return;
	key = trim((struct str){line.at, (size_t)(equals - line.at)});
	value = from(line, (size_t)(equals + 1 - line.at));
	comment = memchr(value.at, ';', value.len);
	if (comment)
		value.len = (size_t)(comment - value.at);
	value = unquoted(trim(value));
	if (str_eq(key, STR("include")))
		include(p, value);
	else if (str_eq(key, STR("clear_env")))
		set_clear_env(p, value, site);
}

static void read_file(void *context, struct str path)
{
	struct pools *p = context;
	struct written_files *files = p->search->files;
	struct str rest = read_written(files, path, p->search->server), line;
	unsigned long n = 0;

	if (++p->files > MOST_INCLUDED || !rest.len)
		p->is_unknown = true;
	if (p->files > MOST_INCLUDED)
		return;
	p->now = NULL;
	while (next_line(&rest, &line)) {
		n++;
		line = trim(line);
		if (line.len && !strchr(";#", *line.at))
			read_line(p, line, site_at(files->arena, path, n));
	}
}

/* The only pool that does not keep the environment. */
void find_in_php_fpm(const struct server_search *s, struct server_setting *ret)
{
	struct pools p = {.search = s};
	const struct pool *cleared = NULL;

	read_file(&p, s->path);
	for (size_t i = 0; i < p.n; i++) {
		if (p.at[i].keeps)
			continue;
		if (cleared)
			return;
		cleared = &p.at[i];
	}
	if (cleared && !p.is_unknown)
		ret->site = cleared->site;
}
