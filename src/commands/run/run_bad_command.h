/* Advice for a command that is no program: usual mistakes on a command line. */
#ifndef COMMANDS_RUN_BAD_COMMAND_H
#define COMMANDS_RUN_BAD_COMMAND_H

#include <stdbool.h>

/* What to do about `command`, for which exec failed with `error`. Never null,
 * and without a byte of the command. */
const char *run_advice(const char *command, int error);

/* Is the word a whole command line, and no path of a file? */
bool is_command_line(const char *word, int error);

#endif
