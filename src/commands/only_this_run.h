/* The events of one run, of a trace directory with several runs. */
#ifndef COMMANDS_ONLY_THIS_RUN_H
#define COMMANDS_ONLY_THIS_RUN_H

#include "base/arena.h"
#include "trace/trace.h"

/* Keeps, of a sorted trace, only the events of the latest run: the events of
 * images born after the last `run` event for `pid`, and of wrappers since. True
 * when events were removed. */
bool keep_only_this_run(struct arena *, struct trace *, uint64_t pid);

#endif
