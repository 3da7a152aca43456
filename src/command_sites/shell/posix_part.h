/* A script for shells like sh, while it is read. */
#ifndef COMMAND_SITES_POSIX_PART_H
#define COMMAND_SITES_POSIX_PART_H

#include "command_sites/assignments.h"
#include "command_sites/command_list.h"

struct reading_of_script {
	struct assignments *all;
	struct str script;    /* $0 */
	struct str directory; /* len 0: not known */
	bool exports_all;     /* set -a */
};

/* A file: the script itself, or one that it reads. */
struct part {
	struct reading_of_script *script;
	struct str path, text;
	const struct command_list *list;
	struct str read_at;    /* len 0: of the script itself */
	struct str returns_at; /* behind it, where nobody types */
	struct hashmap *local; /* of posix_local() */
	unsigned depth;
};

/* FILE:LINE of the part. */
struct str posix_site(const struct part *, unsigned long line);

/* The commands of a text, parsed once. */
const struct command_list *posix_list(struct written_files *, struct str text);

/* The file that `.` reads; len 0: not known. */
struct str posix_included(const struct part *, size_t command);

/* Follows `cd`. */
void posix_move(struct part *, size_t command);

/* A word with a sign in front. */
bool posix_is_option(struct str word);

/* `declare -x`, `typeset -gx`; `export`. */
bool posix_exports(struct str words);

/* set -a, set -ea, set -o allexport; with + it ends. */
void posix_take_set(struct reading_of_script *, struct str words);

/* `declare` in a function makes the name local. */
bool posix_makes_local(const struct part *, const struct written_command *);

/* Not null: the function made the name local. */
void **posix_local(const struct part *, unsigned function, struct str name);

/* Finds names that the script exports and removes again, in the order in which
 * the commands run. */
void read_posix_removals(struct assignments *, struct str path,
			 struct str directory);

#endif
