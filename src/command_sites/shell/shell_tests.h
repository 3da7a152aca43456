/* The test by which a script ended: `[ -n "$NAME" ] || exit 1`. */
#ifndef COMMAND_SITES_SHELL_TESTS_H
#define COMMAND_SITES_SHELL_TESTS_H

#include "command_sites/written_files.h"

/* Gives `tested` to the exit of each shell that failed at a line, or in a block
 * of lines, which tests a variable that the shell lacks: `${NAME:?}`, a test,
 * an expansion under `set -u`. Only where certain. */
void find_shell_tests(struct written_files *, const struct model *);

#endif
