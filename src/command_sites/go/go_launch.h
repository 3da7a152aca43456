/* The line of a Go program that left a variable out of what it started. */
#ifndef GO_LAUNCH_H
#define GO_LAUNCH_H

#include "command_sites/written_files.h"

/* A static program tells no call. But its debug information names its sources:
 * where these are still as they were, and exactly one line can have lost the
 * variable, or passed it twice, the line is added to `changed_lines` of the
 * birth behind the launch. */
void find_go_launches(struct written_files *, const struct model *);

#endif
