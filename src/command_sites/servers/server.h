/* A server whose configuration decides about the environment. */
#ifndef COMMAND_SITES_SERVERS_SERVER_H
#define COMMAND_SITES_SERVERS_SERVER_H

#include "command_sites/written_files.h"

struct server_search {
	struct written_files *files;
	const struct image *server; /* the program */
	struct str path;	    /* of the configuration */
};

/* A header that a proxy takes out of requests. */
struct dropped_header {
	struct str name, site;
};

struct server_setting {
	struct str site;    /* decides about variables; len 0: not certain */
	struct strs passes; /* names of variables */
	struct {
		struct dropped_header *at;
		size_t n;
	} dropped;
	size_t room, dropped_room;
};

enum { MOST_INCLUDES = 4, MOST_INCLUDED = 256 }; /* in depth, in all */

void find_in_php_fpm(const struct server_search *, struct server_setting *ret);
void find_in_nginx(const struct server_search *, struct server_setting *ret);
void find_in_apache(const struct server_search *, struct server_setting *ret);

#endif
