/* Where a run is recorded: the trace directory, and the key beside it. */
#ifndef COMMANDS_RUN_DIR_H
#define COMMANDS_RUN_DIR_H

#include "base/safe_open.h"
#include "commands/command.h"
#include "shared/key_file.h"

struct run_dir {
	const char *name;	/* as the user says it */
	const char *path;	/* absolute */
	uint8_t key[KEY_BYTES]; /* of the fingerprints */
	const char *key_flaw;	/* why the key is of this run alone, or null */
	int fd;			/* the directory itself, checked */

	struct resolved_path place;  /* where its name is */
	struct resolved_path beside; /* the same, or the link that leads there:
				      * the key lies beside that */
	bool is_exposed;	 /* strangers can move what `path` leads to */
	bool is_new, key_is_new; /* made by us: run_dir_undo removes it */
};

/* A wrong name is refused: the user shall give another. Where the name is
 * right and the system does not let us, the command can run unrecorded. */
enum run_dir_result { RUN_DIR_READY, RUN_DIR_REFUSED, RUN_DIR_UNUSABLE };

/* `name` null: a new one in the current directory, named after the moment. When
 * it is not READY, nothing was made, and *ret_why says why, in words that
 * finish the sentence "cannot record into NAME: ". */
enum run_dir_result run_dir_make(struct arena *, const char *name,
				 struct run_dir *ret, const char **ret_why);

/* Removes what run_dir_make made, as far as it is empty. */
void run_dir_undo(struct run_dir *);

#endif
