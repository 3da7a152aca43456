/* Findings that the user has taken out: the lines of .keytrailignore. */
#ifndef COMMANDS_IGNORE_FILE_H
#define COMMANDS_IGNORE_FILE_H

#include "base/arena.h"
#include "trace/event.h"

/* The lines of a file, each NAME or NAME@SITE. Empty lines and lines that begin
 * with # are left out. No such file, or a file that is no regular file of the
 * caller: no lines. */
struct strs ignore_file_read(struct arena *, const char *path);

#endif
