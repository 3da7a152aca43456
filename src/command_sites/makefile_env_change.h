/* Lines of makefiles that change a variable. */
#ifndef COMMAND_SITES_MAKEFILE_ENV_CHANGE_H
#define COMMAND_SITES_MAKEFILE_ENV_CHANGE_H

#include "command_sites/script_env_change.h"

/* 0: not certain. */
unsigned long line_of_makefile_change(struct str text, struct str name,
				      enum change wanted);

#endif
