/* The events that `replay` tells: --variable NAME, --pid PID. */
#ifndef COMMANDS_REPLAY_FILTER_H
#define COMMANDS_REPLAY_FILTER_H

#include "base/opts.h"
#include "trace/trace.h"

struct replay_filter {
	struct texts variables, pids; /* n 0: all */
};

/* False after a complaint: a word is no pid, or stands nowhere in the trace. */
bool replay_filter_fits(struct arena *, const struct replay_filter *,
			const struct trace *);

/* The event names one of the variables, and is of, or about, one of the
 * processes. */
bool replay_filter_takes(const struct replay_filter *, const struct event *);

#endif
