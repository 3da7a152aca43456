/* Which lines of a file a tool prints: `cat .env`, `grep '^API' .env`. */
#ifndef EVIDENCE_PRINTED_LINES_H
#define EVIDENCE_PRINTED_LINES_H

#include "model/model.h"

/* True when the tool, by its arguments, prints the line that assigns the name.
 */
bool prints_assignment(struct arena *, const struct image *tool,
		       struct str name);

/* True for a grep whose pattern is for the assignment of any name, and does not
 * match the line that assigns the name: '^[A-Z]*=', OPENAI_API_KEY. */
bool leaves_out_assignment(struct arena *, const struct image *tool,
			   struct str name);

/* True for a tool that prints no line with a # anywhere: `grep -v '#'`. */
bool leaves_out_comments(const struct image *tool);

/* True for a tool that prints what stands before the `=`: `cut -d= -f1`. */
bool prints_names_alone(const struct image *tool);

#endif
