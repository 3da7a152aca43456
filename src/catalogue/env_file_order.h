/* Which of two env files is meant to win, by the usual names. */
#ifndef CATALOGUE_ENV_FILE_ORDER_H
#define CATALOGUE_ENV_FILE_ORDER_H

#include "base/str.h"

/* True when the values of `file` are meant to replace those of `other`:
 * .env.local and .env, prod.env and common.env. False where the names do not
 * tell. */
bool is_meant_to_override(struct str file, struct str other);

#endif
