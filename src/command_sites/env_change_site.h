/* Lines that set or removed a variable, as members of an event. */
#ifndef COMMAND_SITES_ENV_CHANGE_SITE_H
#define COMMAND_SITES_ENV_CHANGE_SITE_H

#include "base/arena.h"
#include "trace/event.h"

/* Adds "NAME=SITE" to `changed_lines`. */
void add_changed_line(struct arena *, struct event *, struct str name,
		      struct str site);

#endif
