/* Names of variables that a user gave with an option. */
#ifndef COMMANDS_OPTION_NAMES_H
#define COMMANDS_OPTION_NAMES_H

#include "base/arena.h"
#include "base/opts.h"

/* True for the name of one variable: no pattern, no blank, and no value, which
 * may be a secret. */
bool is_whole_name(struct str);

/* True when each text of `option` is a whole name. False after a complaint,
 * which does not print the text. */
bool are_whole_names(struct arena *, const char *command, const char *option,
		     const struct texts *);

#endif
