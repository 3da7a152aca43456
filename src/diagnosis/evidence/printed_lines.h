/* Which lines of a file a tool prints: `cat .env`, `grep '^API' .env`. */
#ifndef EVIDENCE_PRINTED_LINES_H
#define EVIDENCE_PRINTED_LINES_H

#include "model/model.h"

/* True when the tool, by its arguments, prints the line that assigns the name.
 */
bool prints_assignment(struct arena *, const struct image *tool,
		       struct str name);

#endif
