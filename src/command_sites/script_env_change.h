/* The line of a shell's script, or of a makefile, that sets or removes a
 * variable. */
#ifndef COMMAND_SITES_SCRIPT_ENV_CHANGE_H
#define COMMAND_SITES_SCRIPT_ENV_CHANGE_H

#include "command_sites/written_files.h"

enum change { NO_CHANGE, SETS, REMOVES, UNCERTAIN };

/* Gives `changed_lines` to the launch that made the image, and to the changes
 * that a shell made unseen. */
void find_script_changes(struct written_files *, const struct image *);

#endif
