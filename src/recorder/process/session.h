/* What a root of the trace runs beside: enough to tell a restart from a
 * replica. */
#ifndef RECORDER_SESSION_H
#define RECORDER_SESSION_H

#include "recorder/trace/event_line.h"

/* "session", "tty", "cgroup" and "root", as far as they are known. Two files of
 * /proc are read: 20 us. */
void session_put(struct event_line *);

#endif
