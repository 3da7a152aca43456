/* Commands in a text of the shell whose output is a part of a word: `$( )` and
 * backquotes. */
#ifndef COMMAND_SITES_SHELL_SUBSTITUTIONS_H
#define COMMAND_SITES_SHELL_SUBSTITUTIONS_H

#include "command_sites/written_files.h"

/* The next line of `rest`, with the lines up to the end of a substitution that
 * begins here. `rest` is then the text behind. False at the end. */
bool next_whole_line(struct str *rest, struct str *ret_line);

/* The line with the letter x for each byte of a substitution: such commands
 * change no variable of the shell. */
struct str without_substitutions(struct arena *, struct str line);

/* The number of substitutions in the line, those inside another left out. */
size_t count_substitutions(struct str line);

#endif
