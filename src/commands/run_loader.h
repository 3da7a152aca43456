/* A dynamic loader that is started by hand: /lib64/ld-linux-x86-64.so.2 PROGRAM. */
#ifndef COMMANDS_RUN_LOADER_H
#define COMMANDS_RUN_LOADER_H

#include <stdbool.h>

/* Where in the arguments (behind the loader's own name) the program stands that
 * it is told to run; NULL for none. */
char *const *run_loader_operand(char *const *arguments);

/* Does it only list what the program would load (--list)? */
bool run_loader_lists(char *const *arguments);

#endif
