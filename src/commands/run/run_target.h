/* A command seen from outside: can the recorder get into the program? */
#ifndef COMMANDS_RUN_TARGET_H
#define COMMANDS_RUN_TARGET_H

#include <stdbool.h>

#include "keytrail/trace.h"
#include "shared/sanitizer.h"

struct run_target {
	enum kt_target kind;
	/* A sanitizer's runtime (libasan.so.8), which must come before us in
	 * LD_PRELOAD, or "". */
	char runtime[RUNTIME_BYTES];
	bool only_lists; /* a loader which names libraries, and runs nothing */
};

/* The command, argv[0], is searched in PATH as by exec. Of a loader, the
 * program to be run counts. */
struct run_target run_target_of(char *const *argv);
const char *target_name(enum kt_target);

#endif
