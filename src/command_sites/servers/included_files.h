/* The files that a configuration includes by one pattern. */
#ifndef COMMAND_SITES_SERVERS_INCLUDED_FILES_H
#define COMMAND_SITES_SERVERS_INCLUDED_FILES_H

#include "command_sites/servers/server.h"

/* Calls `read` with the path of each file. A relative pattern lies below
 * `folder`. False: the files are not known. */
bool each_included_file(const struct server_search *, struct str folder,
			struct str pattern,
			void (*read)(void *context, struct str path),
			void *context);

#endif
