/* From a program to the place where its command is written. */
#ifndef COMMAND_SITES_LAUNCHER_CLIMB_H
#define COMMAND_SITES_LAUNCHER_CLIMB_H

#include "command_sites/lookup.h"

/* FILE:LINE of the command that started the image. len 0: not certain, or the
 * launch itself has a line of the program's own. */
struct str find_command_site(struct written_files *, const struct image *);

#endif
