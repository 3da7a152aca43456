/* Commands of a shell's text for files and directories: `.` and `cd`. */
#ifndef COMMAND_SITES_SHELL_SOURCE_CD_H
#define COMMAND_SITES_SHELL_SOURCE_CD_H

#include "command_sites/command_list.h"

/* Adds the step of a command, if any. `words`: separated by BETWEEN.
 * `argument`: the first word behind the command which is no option, as in the
 * text; len 0: no such word. */
void add_steps(struct command_list *, struct str words, struct str argument);

#endif
