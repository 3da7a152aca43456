/* What a launcher's arguments say of a variable. */
#ifndef EVIDENCE_ARGUMENTS_H
#define EVIDENCE_ARGUMENTS_H

#include "model/model.h"

/* True when an argument holds the name as a whole word: -e NAME,
 * --env=NAME=***, SendEnv=NAME,OTHER. */
bool arguments_mention(const struct image *, struct str name);

/* True when the command line gives the variable to one command: `env NAME=***
 * COMMAND`, or in the text of a shell `NAME=*** COMMAND`. An `export` or an
 * assignment of its own line is for all commands. */
bool arguments_assign(const struct image *, struct str name);

/* True when the text of a shell's command line assigns the variable to the
 * shell alone: `NAME=***; command`. */
bool arguments_set_for_shell(const struct image *, struct str name);

/* True when the trace has all arguments: the recorder writes 16 at most. */
bool arguments_are_complete(const struct image *);

#endif
