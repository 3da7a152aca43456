/* The commands in a text of the shell, each with its line.
 *
 * A command is the words with which the shell may start a program: without
 * assignments, redirections and keywords, and without quotes. What an expansion
 * becomes is not known (partial_text.h). */
#ifndef COMMAND_SITES_SHELL_PARSER_H
#define COMMAND_SITES_SHELL_PARSER_H

#include "command_sites/command_list.h"

/* Its includes are the files which the text reads by `.`. */
struct command_list parse_shell(struct arena *, struct str text);

/* The text as one command; len 0: it is several, or none. */
struct str parse_command(struct arena *, struct str text);

#endif
