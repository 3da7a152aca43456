/* The file that a line of a script reads: `. ./env.sh`, `source "$PWD/x"`. */
#ifndef COMMAND_SITES_INCLUDED_FILE_H
#define COMMAND_SITES_INCLUDED_FILE_H

#include "command_sites/command_file.h"

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
