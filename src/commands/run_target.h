/* What a command is, seen from outside: can the recorder get into it? */
#ifndef COMMANDS_RUN_TARGET_H
#define COMMANDS_RUN_TARGET_H

#include "keytrail/trace.h"

/* `command` is searched in PATH as exec does it. */
enum kt_target target_of(const char *command);
const char *target_name(enum kt_target);

#endif
