/* Why a PHP program ended: the exception that nobody caught, a fatal error, or
 * the line that called exit. */
#ifndef RECORDER_PHP_ENDS_H
#define RECORDER_PHP_ENDS_H

#include <stdbool.h>

#include "recorder/lib/elf_objects.h"

/* PHP begins: its variables are set, and no program runs yet. False when
 * `module` is not PHP, or already watched. */
bool php_ends_watch(const struct module *);

/* A program is about to begin: its functions are known. */
void php_ends_watch_function(void);

#endif
