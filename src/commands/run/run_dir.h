/* Where a run is recorded: the trace directory, and the key beside it. */
#ifndef COMMANDS_RUN_DIR_H
#define COMMANDS_RUN_DIR_H

#include "base/safe_open.h"
#include "commands/command.h"
#include "shared/key_file.h"

struct run_dir {
	const char *name;	/* in the user's words */
	const char *path;	/* absolute */
	uint8_t key[KEY_BYTES]; /* of the fingerprints */
	const char *key_name;	/* the file of the key */
	const char *key_flaw;	/* why the key is of this run alone, or null */
	int fd;			/* the directory itself, checked */

	struct resolved_path place;  /* the directory that holds the name */
	struct resolved_path beside; /* the same, or the link that leads there:
				      * the key lies beside that */
	bool is_exposed; /* strangers can move the directory at `path` */
	bool is_new, key_is_new; /* made by us: for run_dir_undo */
};

/* A wrong name is refused: the user shall give another. Where the name is
 * right and the system does not let us, the command can run unrecorded. */
enum run_dir_result { RUN_DIR_READY, RUN_DIR_REFUSED, RUN_DIR_UNUSABLE };

/* `name` null: a new directory in the current directory, named after the
 * moment. `keyfile` null: the key is NAME.key. If the result is not READY,
 * nothing was made, and *ret_why finishes the sentence "cannot record into
 * NAME: ". */
enum run_dir_result run_dir_make(struct arena *, const char *name,
				 const char *keyfile, struct run_dir *ret,
				 const char **ret_why);

/* Removes the directory and the key made by run_dir_make, if empty. */
void run_dir_undo(struct run_dir *);

#endif
