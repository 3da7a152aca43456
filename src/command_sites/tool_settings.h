/* The line of a tool's settings that names a variable: `environment=` of
 * supervisord, a plugin of webpack. */
#ifndef COMMAND_SITES_TOOL_SETTINGS_H
#define COMMAND_SITES_TOOL_SETTINGS_H

#include "command_sites/written_files.h"

/* Adds to `changed_lines` of the launch that made the image, where a tool did,
 * and gives `command_site` to the reads of a tool. Only where a single line of
 * the tool's files has the name. */
void find_tool_settings(struct written_files *, const struct image *);

#endif
