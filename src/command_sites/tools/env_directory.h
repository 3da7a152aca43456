/* Directories with a file for each variable: chpst -e, envdir, s6-envdir. */
#ifndef COMMAND_SITES_TOOLS_ENV_DIRECTORY_H
#define COMMAND_SITES_TOOLS_ENV_DIRECTORY_H

#include "command_sites/written_files.h"

/* Adds to `changed_lines` of the launch that made the image: the file of each
 * variable that the launching tool set, or took away for an empty file. */
void find_env_directory(struct written_files *, const struct image *);

#endif
