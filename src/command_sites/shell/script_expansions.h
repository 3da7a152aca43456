/* The names that a shell's script expands, and the files that the script reads.
 */
#ifndef COMMAND_SITES_SCRIPT_EXPANSIONS_H
#define COMMAND_SITES_SCRIPT_EXPANSIONS_H

#include "command_sites/shell/shell_expansions.h"
#include "command_sites/written_files.h"

struct script_expansion {
	struct expansion expansion;
	struct str path; /* len 0: of a text of -c */
};

struct script_expansions {
	struct script_expansion *at;
	size_t n, room;
};

/* The wanted names which neither the script nor a file that it reads sets;
 * null: names like a credential. None where it is not certain which files the
 * script reads. */
struct script_expansions find_script_expansions(struct written_files *,
						const struct image *shell,
						struct hashmap *wanted);

#endif
