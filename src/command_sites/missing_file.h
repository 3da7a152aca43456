/* Code that names a file which is not there: bytecode without its source, a
 * text that a program compiled under a name. Nobody can edit the line, so its
 * place is marked as compiled code is.
 *
 * The trace may come from another root directory (a container's). So nothing is
 * marked unless the program's own script, or executable, lies where the trace
 * says. */
#ifndef COMMAND_SITES_MISSING_FILE_H
#define COMMAND_SITES_MISSING_FILE_H

#include "model/model.h"

/* The sites and callers of all images. */
void mark_missing_files(struct arena *, const struct model *);

#endif
