/* Commands of a shell's text that concern files and directories: `.` and `cd`.
 */
#ifndef COMMAND_SITES_SHELL_STEPS_H
#define COMMAND_SITES_SHELL_STEPS_H

#include "command_sites/command_list.h"

/* Adds the step of a command, if it has one. `words`: with BETWEEN between two
 * words. `argument`: the first word behind the command that is no option, as
 * the text has it; len 0: there is none. */
void add_steps(struct command_list *, struct str words, struct str argument);

#endif
