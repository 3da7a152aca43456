/* The TRACE arguments that most commands take. */
#ifndef COMMANDS_SOURCES_H
#define COMMANDS_SOURCES_H

#include "commands/command.h"
#include "trace/trace.h"

/* Loads every operand. False after a complaint. */
bool load_sources(struct arena *, const struct opts *, const char *command,
		 struct trace *ret);

#endif
