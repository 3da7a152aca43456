#include "command_sites/env_change_site.h"

#include <string.h>

void add_changed_line(struct arena *a, struct event *e, struct str name,
		      struct str site)
{
	struct strs *lines = &e->changed_lines;
	struct str *at = TAKE(a, struct str, lines->n + 1);

	if (lines->n)
		memcpy(at, lines->at, lines->n * sizeof *at);
	at[lines->n] =
		arena_print(a, "%.*s=%.*s", STR_FMT(name), STR_FMT(site));
	*lines = (struct strs){at, lines->n + 1};
	e->changed_lines_are_new = true;
}
