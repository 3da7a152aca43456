/* Env files that a part of a shell's script read, whose variables end with that
 * part: a subshell, a pipe, or the tools of a substitution. */
#ifndef EVIDENCE_SUBSHELL_FILE_H
#define EVIDENCE_SUBSHELL_FILE_H

#include "diagnosis/evidence/files/loaded_file.h"

enum left_in {
	LEFT_IN_SUBSHELL,
	LEFT_IN_PIPE,  /* a tool read the file for a loop behind the pipe */
	LEFT_IN_NAMES, /* a tool gave the shell the names without the values */
	LEFT_OUT,      /* a tool gave the shell other lines of the file */
	LEFT_OUT_COMMENT, /* the same, of a line with a comment behind the value
			   */
};

struct subshell_file {
	const struct image *shell; /* null: none */
	const struct event *fork;  /* of the subshell; null: not seen */
	struct loaded_file file;
	enum left_in how;
};

/* Such a file with the name, which the reader's shell left behind before what
 * leads to the reader was started. */
struct subshell_file find_file_of_subshell(const struct model *,
					   const struct reading *);

/* The program that a forked child became, or null. */
const struct image *program_of_fork(const struct image *child);

/* True when a program that the shell started had a value of the name. */
bool was_given_to_program(const struct image *shell, struct str name);

#endif
