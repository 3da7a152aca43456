/* Where a packed file goes. */
#ifndef COMMANDS_PACK_OUTFILE_H
#define COMMANDS_PACK_OUTFILE_H

#include "commands/command.h"

/* NAME.pack.jsonl in the working directory, for the trace NAME. Null after a
 * complaint: a file that is no pack has that name, or the trace has none. */
const char *pack_outfile_for(struct arena *, const char *trace);

/* False after a complaint: the file is a trace, which a report would replace.
 */
bool pack_outfile_is_free(struct arena *, const char *command,
			  const char *file);

/* False after a complaint: the file would be a part of the trace. */
bool pack_outfile_is_outside(struct arena *, const char *command,
			     const char *file, const char *trace);

#endif
