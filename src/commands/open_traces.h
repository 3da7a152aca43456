/* The TRACE arguments that most commands take. */
#ifndef COMMANDS_OPEN_TRACES_H
#define COMMANDS_OPEN_TRACES_H

#include "commands/command.h"
#include "trace/trace.h"

/* Loads every operand. False after a complaint. */
bool open_traces(struct arena *, const struct opts *, const char *command,
		 struct trace *ret);

#endif
