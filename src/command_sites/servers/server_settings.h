/* The line of a server's configuration that decides which variables its workers
 * and programs get: `clear_env` of PHP-FPM, `env` of nginx, `PassEnv` of
 * Apache; where none is written, the line at which a person would write one. */
#ifndef COMMAND_SITES_SERVERS_SERVER_SETTINGS_H
#define COMMAND_SITES_SERVERS_SERVER_SETTINGS_H

#include "command_sites/written_files.h"

/* Gives `command_site` to what the image did to the environment, and to the
 * launch that made the image, where a server did. Only where a single file and
 * line is certain. */
void find_server_settings(struct written_files *, const struct image *);

#endif
