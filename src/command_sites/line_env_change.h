/* What one line of a shell's script does to a variable, and which file the line
 * reads: `. ./env.sh`, `source "$PWD/x"`. */
#ifndef COMMAND_SITES_LINE_ENV_CHANGE_H
#define COMMAND_SITES_LINE_ENV_CHANGE_H

#include "command_sites/script_env_change.h"

/* True for a line that may run text of another place, or remove a name held in
 * another variable. */
bool runs_other_text(struct str line);

/* True for `echo NAME`. */
bool only_prints(struct str line);

enum change change_of_line(struct str line, struct str name);

/* True of `NAME=value command`, where assignments of other names may stand
 * before: for a name that the line has once. */
bool sets_for_command(struct str line, struct str name);

/* The path that `line` reads, where that is all of the line, but for a test
 * before: `[ -f x ] && . x`. `directory`: the shell's own. len 0: another line,
 * or the path is not certain. */
struct str included_file(struct arena *, struct str line, struct str directory,
			 struct str script);

/* The directory of the shell behind the line, which may be a `cd`. len 0: not
 * known. */
struct str directory_behind(struct str line, struct str directory,
			    struct str script);

#endif
