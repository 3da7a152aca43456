/* Files of settings: sections, and lines `key = value`. */
#ifndef COMMAND_SITES_INI_FILE_H
#define COMMAND_SITES_INI_FILE_H

#include "command_sites/command_list.h"

struct setting {
	struct str section, key, value;
	unsigned long line;
};

struct settings_reader {
	struct str rest, section;
	unsigned long line; /* of the next line */
	char continued;	    /* '\\': a line that ends so goes on; ' ': a line
			       that begins with a blank goes on */
};

/* The next setting. A value of several lines has blanks between them. */
bool next_setting(struct arena *, struct settings_reader *,
		  struct setting *ret);

/* Adds the value, a command for exec. What is not known in it: %i, or %(name)s,
 * where `mark` is %. */
void add_command(struct command_list *, struct str value, char mark,
		 unsigned long line);

#endif
