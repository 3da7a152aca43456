/* The events of one run, of a trace directory with several runs. */
#ifndef COMMANDS_RUN_OWN_H
#define COMMANDS_RUN_OWN_H

#include "base/arena.h"
#include "trace/trace.h"

/* Keeps, of a sorted trace, only the events of the latest run: the events of
 * images born after the last `run` event for `pid`, and of wrappers since. True
 * when events were removed. */
bool run_leave_own(struct arena *, struct trace *, uint64_t pid);

#endif
