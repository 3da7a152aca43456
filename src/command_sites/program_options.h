/* Options in the arguments of a program. */
#ifndef COMMAND_SITES_PROGRAM_OPTIONS_H
#define COMMAND_SITES_PROGRAM_OPTIONS_H

#include "model/model.h"

/* True when the trace has every argument. */
bool has_all_options(const struct image *);

/* From the argument *i on: the value of an option, joined to it or in the next
 * argument, to which *i then goes. False for another argument. `names`: the
 * long ones, with blanks between. */
bool takes_option(const struct strs *args, size_t *i, char letter,
		  const char *names, struct str *ret_value);

/* The value of the last such option; len 0: there is none. */
struct str value_of_option(const struct image *, char letter,
			   const char *names);

#endif
