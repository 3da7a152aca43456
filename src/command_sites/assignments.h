/* What a script assigns, and what it exports. Each shell's language adds to one
 * list. */
#ifndef COMMAND_SITES_ASSIGNMENTS_H
#define COMMAND_SITES_ASSIGNMENTS_H

#include "command_sites/written_files.h"

struct assignments {
	struct written_files *files;
	const struct image *shell;
	struct hashmap *wanted;	  /* names */
	struct hashmap *exported; /* names */
	struct unexported *at;
	size_t n, room;
	struct hashmap *valued; /* names that the script exports with a value */
	struct unexported
		*held; /* names that are exported or removed at the end */
	size_t n_held, held_room;
	struct unexported *local; /* names that a function makes local */
	size_t n_local, local_room;
};

/* `at_line`: with `site` of a name that is assigned; only wanted names count.
 */
void assignments_add(struct assignments *, struct unexported);
void assignments_export(struct assignments *, struct str name);
void assignments_remove(struct assignments *, struct str name);

/* `export NAME=value`: for the programs behind any function. */
void assignments_export_value(struct assignments *, struct str name);

/* `local NAME`: `site` is len 0 without a value. */
void assignments_add_local(struct assignments *, struct unexported);

/* Adds the local names to the list: exported or not, each ends with the
 * function. */
void assignments_join_local(struct assignments *);

/* A name that the script exports anywhere is none of this list. */
void assignments_drop_exported(struct assignments *);

/* Adds the names that the script exports, and that it removed again. */
void assignments_join_held(struct assignments *);

/* The scripts of shells like sh, of fish, of csh and tcsh. */
void read_posix_script(struct assignments *, struct str path,
		       struct str directory);
void read_fish_script(struct assignments *, struct str path);
void read_csh_script(struct assignments *, struct str path);

#endif
