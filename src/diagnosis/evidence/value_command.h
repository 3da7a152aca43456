/* A command of a shell's script whose output should have become a value. */
#ifndef EVIDENCE_VALUE_COMMAND_H
#define EVIDENCE_VALUE_COMMAND_H

#include "model/model.h"

struct value_command {
	const struct image *image; /* the program, or the part of the shell
				      without a program; null: none */
	bool is_program;
};

/* The last command of NAME=$(command) which failed before `change` gave the
 * name an empty value, where no later command of the line ended well. */
struct value_command find_failed_value_command(const struct image *shell,
					       const struct event *change,
					       struct str name);

/* The file which a failed cat or the like was given by a path; len 0: other
 * arguments. */
struct str file_of_value_command(const struct value_command *);

#endif
