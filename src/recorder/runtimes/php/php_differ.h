/* PHP's $_ENV and $_SERVER beside libc's environ. PHP fills the two arrays when
 * a request begins, and loaders of env files often set them alone. */
#ifndef RECORDER_PHP_DIFFER_H
#define RECORDER_PHP_DIFFER_H

#include <stddef.h>

#include "recorder/process/source_pos.h"

/* At a read in vain of `name`, or at a launch (NULL), when `caller` lies in
 * PHP.
 */
void php_compare(const void *caller, const char *name, size_t n,
		 const struct source_pos *);

#endif
