/* The task of turbo.json in which turbo's strict mode is told what to pass. */
#ifndef COMMAND_SITES_TOOLS_TURBO_H
#define COMMAND_SITES_TOOLS_TURBO_H

#include "command_sites/written_files.h"

/* Adds to `changed_lines` of turbo's launch the line of the only task, for
 * every name. */
void find_turbo_task(struct written_files *, const struct image *);

#endif
