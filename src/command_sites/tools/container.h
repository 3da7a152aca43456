/* Where a person wrote the command of a container: the service in the file of
 * compose, or the line with `docker run`. */
#ifndef COMMAND_SITES_TOOLS_CONTAINER_H
#define COMMAND_SITES_TOOLS_CONTAINER_H

#include "command_sites/written_files.h"

/* Gives `command_site` to the births of the first processes of containers. Only
 * where a single client and a single line can have started the program. */
void find_containers(struct written_files *, const struct model *);

#endif
