/* An env file which assigns a name, and which nobody on the way to the reader
 * opened. */
#ifndef EVIDENCE_MISSED_FILE_H
#define EVIDENCE_MISSED_FILE_H

#include "model/model.h"
#include "trace/env_file.h"

struct file_opening {
	const struct image *by; /* null: none */
	const struct event *open;
};

struct missed_file {
	const struct image *by;	  /* the program which did not open the file */
	const struct event *open; /* of another path, in vain; null: nobody
				     looked for any */
	const struct event *file;
	const struct file_variable *variable;
	bool is_loaded_beside; /* by another program of the tree */
};

/* Such a file for the name: the place where `image` or an ancestor looked in
 * vain before `t` had another file in its reach; or a file lies beside the
 * program or above, and nobody opened it, else another program of the tree did.
 * All null: no such file. */
struct missed_file find_missed_file(const struct model *, const struct image *,
				    struct str name, uint64_t t);

/* A file which `image` opened, or in the reach of `image`, which assigns the
 * name now and was changed after `t`. All null: no such file. */
struct missed_file find_later_file(const struct model *, const struct image *,
				   struct str name, uint64_t t);

/* The path of the last env file which `image` or an ancestor opened before `t`,
 * and in which no line assigns the name. len 0: no such file. */
struct str find_file_without_name(const struct model *, const struct image *,
				  struct str name, uint64_t t);

/* The first env file for which a line of the user's looked in vain before `t`,
 * in `image` or an ancestor, where none of them read an env file. */
struct file_opening find_vain_look(const struct image *, uint64_t t);

/* By a program outside the reader's way which loaded the file, also in another
 * trace; or none. */
struct file_opening find_other_load(const struct model *,
				    const struct missed_file *);

/* True for .env.prod and .env.production of a folder: two words for a stage. */
bool is_of_same_stage(struct str path, struct str other);

#endif
