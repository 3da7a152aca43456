/* The recorder's files in the trace directory, which strangers may share. A
 * file is used only when this user owns the file and nobody else can write the
 * file. */
#ifndef RECORDER_TRACE_FILE_H
#define RECORDER_TRACE_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

/* Opens DIR/UID-BOOT-PART + suffix. With O_CREAT, makes a missing file and
 * directory. Returns a descriptor, with *st for the open file, or a negative
 * number.
 *
 * PART is a hash under the trace's key, equal in all processes of the user: a
 * stranger without the key cannot take the name first. When a stranger with the
 * key took the name, O_CREAT turns to a name for this process and forked
 * children. */
long trace_file_open(const char *suffix, int flags, struct stat *st);

/* Did this process turn to a name of its own? */
bool trace_file_is_alone(void);

#endif
