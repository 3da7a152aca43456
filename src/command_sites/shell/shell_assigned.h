/* Variables to which a command of the shell gives a value. */
#ifndef COMMAND_SITES_SHELL_ASSIGNED_H
#define COMMAND_SITES_SHELL_ASSIGNED_H

#include "command_sites/command_list.h"

/* `at` has the line and the function. */
void add_assigned(struct command_list *, struct written_assignment at,
		  struct str name);

/* True for NAME=, NAME="$NAME" and NAME=${NAME:-}, as written: no new value. */
bool assigns_nothing(struct arena *, struct str word);

/* Adds the names of `read NAME`, `printf -v NAME` and `: ${NAME:=value}`.
 * `words`: separated by BETWEEN. `argument`: the first word behind the command
 * which is no option, as in the text. */
void add_assigned_by_command(struct command_list *,
			     struct written_assignment at, struct str words,
			     struct str argument);

#endif
