/* Classes of errors that speak of a credential; errors.def has the rows. */
#ifndef CATALOGUE_ERRORS_H
#define CATALOGUE_ERRORS_H

#include "base/str.h"

/* The classes by which clients say that a key of the name's provider is missing
 * or was refused, with blanks between. Null: no class is known. */
const char *errors_of_provider(struct str name);

/* The classes by which clients say that the setting itself is missing, or null.
 */
const char *errors_of_setting(struct str name);

#endif
