/* Commands whose output became the value of a variable: NAME=$(command). */
#ifndef COMMAND_SITES_SHELL_VALUE_COMMANDS_H
#define COMMAND_SITES_SHELL_VALUE_COMMANDS_H

#include "command_sites/written_files.h"

/* Gives "NAME=SITE" in `changed_lines` to the launch of each command, and to
 * the fork of each part of the shell, in the only substitution of the line.
 * `change`: gave the shell, or a program of the shell, the value. */
void find_value_commands(struct written_files *, const struct image *shell,
			 const struct event *change, struct str name,
			 struct str site);

#endif
