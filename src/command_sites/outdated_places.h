/* What became of the files in which places lie.
 *
 * Code may name a file that is not there: bytecode without its source, a text
 * that a program compiled under a name. Nobody can edit the line, so its place
 * is marked as compiled code is. The trace may come from another root directory
 * (a container's). So nothing is marked unless the program's own script, or
 * executable, lies where the trace says.
 *
 * A file that was written after the event has other lines now: trace->edited.
 */
#ifndef COMMAND_SITES_OUTDATED_PLACES_H
#define COMMAND_SITES_OUTDATED_PLACES_H

#include "model/model.h"

/* Looks at the sites and callers of all images of `m`, a model of `t`. */
void look_at_place_files(struct arena *, struct trace *t,
			 const struct model *m);

#endif
