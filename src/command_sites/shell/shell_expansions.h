/* The names that a text of the shell expands: `$NAME`, `${NAME}`. */
#ifndef COMMAND_SITES_SHELL_EXPANSIONS_H
#define COMMAND_SITES_SHELL_EXPANSIONS_H

#include "base/hashmap.h"

struct expansion {
	struct str name;
	unsigned long line;
	struct str instead; /* `other` of ${NAME:-other} */
	bool is_condition;  /* in ${NAME:+other}, too */
};

struct expansions {
	struct expansion *at; /* one of each name */
	size_t n, room;
	size_t n_includes; /* `. FILE`; and what sets unknown names: eval */
};

/* The wanted names which the text expands; null: names like a credential. Of
 * several expansions of a name, the first without `instead`. Adds names that
 * the text assigns, reads or declares to `own`, where not null. */
struct expansions find_expansions(struct arena *, struct str text,
				  struct hashmap *wanted, struct hashmap *own);

#endif
