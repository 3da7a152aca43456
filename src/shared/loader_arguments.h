/* A dynamic loader that is started by hand: /lib64/ld-linux-x86-64.so.2
 * PROGRAM. */
#ifndef SHARED_LOADER_ARGUMENTS_H
#define SHARED_LOADER_ARGUMENTS_H

#include <stdbool.h>

/* Where the program stands in the arguments, which begin behind the loader's
 * own name. NULL: the loader is told to run no program. *ret_only_lists: the
 * loader only lists the libraries of the program (--list). */
char *const *loader_operand(char *const *arguments, bool *ret_only_lists);

#endif
