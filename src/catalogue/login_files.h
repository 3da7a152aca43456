/* Files with the login of a tool or SDK; login_files.def has the rows. */
#ifndef CATALOGUE_LOGIN_FILES_H
#define CATALOGUE_LOGIN_FILES_H

#include <stdbool.h>

#include "base/str.h"

/* True when clients of the name's provider find a login in the file. */
bool is_login_file_of(struct str path, struct str name);

#endif
