/* Fixes in the terms of the tool that lost a variable, or would have set it.
 *
 * To add one: a row in tool_fixes.def. */
#ifndef RUNTIMES_TOOL_FIX_H
#define RUNTIMES_TOOL_FIX_H

#include "model/finding.h"

/* len 0: no tool with a row had a part in the finding. */
struct str find_tool_fix(struct arena *, const struct finding *);

/* A fact about the tool, in place of the finding's detail. len 0: no such row.
 */
struct str find_tool_fact(struct arena *, const struct finding *);

#endif
