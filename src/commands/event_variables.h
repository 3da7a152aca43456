/* Which variables an event tells of. */
#ifndef COMMANDS_EVENT_VARIABLES_H
#define COMMANDS_EVENT_VARIABLES_H

#include "base/opts.h"
#include "trace/trace.h"

/* Calls `take` with the name of the event and the names in its lists. */
void event_each_name(const struct event *,
		     void (*take)(void *context, struct str name),
		     void *context);

bool event_has_name(const struct event *, const struct texts *names);
bool is_one_of(struct str name, const struct texts *names);

/* Every name of an option stands in the trace. False after a complaint, which
 * has the nearest name of the trace. */
bool names_are_in_trace(struct arena *, const char *command,
			const struct texts *names, const struct trace *);

#endif
