/* Fixes in the terms of the tool that lost a variable, or would have set it.
 *
 * To add one: a row in tool_fixes.def. */
#ifndef RUNTIMES_TOOL_FIX_H
#define RUNTIMES_TOOL_FIX_H

#include "model/finding.h"

/* len 0: no tool with a row had a part in the finding. */
struct str find_tool_fix(struct arena *, const struct finding *);

#endif
