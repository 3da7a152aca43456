/* An env file that assigns a name, and that nobody on the way to the reader
 * opened. */
#ifndef EVIDENCE_MISSED_FILE_H
#define EVIDENCE_MISSED_FILE_H

#include "model/model.h"
#include "trace/env_file.h"

struct missed_file {
	const struct image *by;	  /* the program that should have opened it */
	const struct event *open; /* of another path, in vain; null: nobody
				     looked for any */
	const struct event *file;
	const struct file_variable *variable;
};

/* Such a file for the name: the place where `image` or an ancestor looked in
 * vain before `t` had another file in its reach; or a file lies beside the
 * program or above. All null: there is none. */
struct missed_file find_missed_file(const struct model *, const struct image *,
				    struct str name, uint64_t t);

/* A file that `image` opened, or that lies in its reach, and that assigns the
 * name now: it was changed after `t`. All null: there is none. */
struct missed_file find_later_file(const struct model *, const struct image *,
				   struct str name, uint64_t t);

#endif
