/* The list of libraries that a command is started with. */
#ifndef COMMANDS_RUN_PRELOAD_H
#define COMMANDS_RUN_PRELOAD_H

#include "base/arena.h"

/* LD_PRELOAD=..., of the user's `list` (NULL: none) and the recorder's library.
 * That comes first, but behind the runtimes of sanitizers in the list. `runtime`,
 * "" for none, is one that the command needs before the recorder: then that comes
 * last, and the runtime is added so that the recorder takes it out again. */
const char *run_preload(struct arena *, const char *list, const char *library,
			const char *runtime);

#endif
