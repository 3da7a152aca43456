/* A trace directory may hold earlier runs, and what other runs write there. */
#ifndef COMMANDS_RUN_OWN_H
#define COMMANDS_RUN_OWN_H

#include "base/arena.h"
#include "trace/trace.h"

/* Leaves, of an ordered trace, what images said that were born since `pid` was
 * last run, and what wrappers said since. True when something was left out. */
bool run_leave_own(struct arena *, struct trace *, uint64_t pid);

#endif
