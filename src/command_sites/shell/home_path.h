/* Paths below the home directory in the words of a shell's script: `~/x`,
 * `"$HOME/x"`. */
#ifndef COMMAND_SITES_HOME_PATH_H
#define COMMAND_SITES_HOME_PATH_H

#include "command_sites/written_files.h"

/* The path that the argument, as written, names below the home of the shell.
 * len 0: another argument, or the home is not known. */
struct str path_below_home(struct arena *, const struct image *shell,
			   struct str argument);

#endif
