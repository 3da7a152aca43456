/* A command that records nothing itself (static, set-id, another machine) is
 * started by another `keytrail run`, which is recorded and becomes the command.
 * Its birth and its exec tell what the command was given, as a script's would.
 */
#ifndef COMMANDS_RUN_SELF_WRAPPER_H
#define COMMANDS_RUN_SELF_WRAPPER_H

#include <stdbool.h>

#include "base/arena.h"
#include "keytrail/trace.h"

bool exec_wrapper_is_needed(enum kt_target);

/* The words of that program for `command`; NULL where our own file is not
 * known. */
char **exec_wrapper_words(struct arena *, char **command);

/* Are we that program? Then KEYTRAIL says so, and no longer after this call. */
bool exec_wrapper_is_us(void);

#endif
