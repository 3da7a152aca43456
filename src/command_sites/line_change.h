/* What one line of a shell's script does to a variable. */
#ifndef COMMAND_SITES_LINE_CHANGE_H
#define COMMAND_SITES_LINE_CHANGE_H

#include "command_sites/script_change.h"

/* True for a line that may run text of another place, or remove a name held in
 * another variable. */
bool runs_other_text(struct str line);

/* True for `echo NAME`. */
bool only_prints(struct str line);

enum change change_of_line(struct str line, struct str name);

/* True of `NAME=value command`, where assignments of other names may stand
 * before: for a name that the line has once. */
bool sets_for_command(struct str line, struct str name);

#endif
