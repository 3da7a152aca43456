/* Variables that the script of a shell assigns, and does not export; and names
 * that it expands. */
#ifndef COMMAND_SITES_UNEXPORTED_H
#define COMMAND_SITES_UNEXPORTED_H

#include "command_sites/written_files.h"

/* Sets `unexported` of the birth of each shell, and of direnv, for names that
 * some program missed. */
void find_unexported(struct written_files *, const struct model *);

/* Sets `expanded` of the birth of each shell, for names that a program of the
 * run held and the shell did not. */
void find_expanded(struct written_files *, const struct model *);

#endif
