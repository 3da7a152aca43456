/* Where a PHP program takes all of its environment: getenv() without a name,
 * and a mention of $_ENV, at which PHP fills that array. */
#ifndef RECORDER_PHP_COPY_H
#define RECORDER_PHP_COPY_H

#include "recorder/lib/elf_objects.h"

/* Replaces a variable that PHP offers to servers. */
void php_copy_watch(const struct module *);

#endif
