/* Opens a file, pipe or directory which a user names as a trace. */
#ifndef TRACE_OPEN_SOURCE_H
#define TRACE_OPEN_SOURCE_H

/* A descriptor for reading, which the caller closes. -1 when the path cannot be
 * opened, and for a named pipe without a writer, whose end never comes: then
 * *ret_why finishes the sentence "cannot read PATH: ". */
int open_source(const char *path, const char **ret_why);

#endif
