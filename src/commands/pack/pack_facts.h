/* The facts that a maintainer asks for first: fields of a pack's first line. */
#ifndef COMMANDS_PACK_FACTS_H
#define COMMANDS_PACK_FACTS_H

#include "base/out.h"
#include "trace/trace.h"

/* Kernel, C library and time zone of this host, where the trace is of this
 * boot, or as an earlier pack tells them; runtimes and masked arguments as the
 * trace tells them. No name of a host or user. `,"key":value` each. */
void pack_facts_write(struct out *, const struct trace *);

#endif
