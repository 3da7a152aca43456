/* Apache hands to a program what `PassEnv` names, and PATH. */
#include "command_sites/servers/server.h"

#include <strings.h>

#include "base/array.h"

struct reader {
	unsigned long line, first, passes;
	size_t depth; /* of sections */
};

static bool is_directive(struct str word, const char *name)
{
	return word.len == strlen(name) &&
	       !strncasecmp(word.at, name, word.len);
}

static void read_line(const struct server_search *s, struct server_setting *ret,
		      struct str line, struct reader *r)
{
	struct str word;

	if (!next_word(&line, &word) || *word.at == '#')
		return;
	if (word.len > 1 && !memcmp(word.at, "</", 2))
		r->depth -= r->depth > 0;
	else if (*word.at == '<')
		r->depth++;
	else if (!r->first)
		r->first = r->line;
	if (!is_directive(word, "PassEnv"))
		return;
	if (!r->depth && !r->passes)
		r->passes = r->line;
	while (next_word(&line, &word))
		*ARRAY_ADD(s->files->arena, ret->passes.at, ret->passes.n,
			   ret->room) = word;
}

void find_in_apache(const struct server_search *s, struct server_setting *ret)
{
	struct str rest = read_written(s->files, s->path, s->server), line;
	struct reader r = {0};

	while (next_line(&rest, &line)) {
		r.line++;
		read_line(s, ret, line, &r);
	}
	if (r.first)
		ret->site = site_at(s->files->arena, s->path,
				    r.passes ? r.passes : r.first);
}
