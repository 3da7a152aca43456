/* Mounted secrets that a shell read for a variable of its own: the file of
 * NAME_FILE, /run/secrets/name. */
#ifndef EVIDENCE_SECRET_OF_SHELL_H
#define EVIDENCE_SECRET_OF_SHELL_H

#include "diagnosis/evidence/files/loaded_file.h"

struct shell_secret {
	const struct image *shell; /* null: none */
	struct loaded_file file;
	struct str site; /* the shell's line of the read; len 0: not known */
};

/* The last such file with the name, which a shell above the reader read before
 * the way to the reader began: itself, or by `cat` or the like. None where the
 * shell gave the name to any program. */
struct shell_secret find_secret_of_shell(const struct model *,
					 const struct reading *);

#endif
