/* The recorder's files in the trace directory, which strangers may share: a
 * file of this user, that nobody else can write, or none. */
#ifndef RECORDER_TRACE_FILE_H
#define RECORDER_TRACE_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

/* Opens DIR/UID-BOOT-PART + suffix; with O_CREAT, makes what is missing, the
 * directory too. Returns a descriptor, *st being what it names, or a negative
 * number.
 *
 * PART is a hash under the trace's key, equal in all processes of the user: a
 * stranger without the key cannot take the name first. Where one who has the
 * key did, O_CREAT turns to a name of this process and its forked children. */
long trace_file_open(const char *suffix, int flags, struct stat *st);

/* Did this process have to turn to a name of its own? */
bool trace_file_is_alone(void);

/* A regular file of this user, under one name, writable by nobody else. */
bool trace_file_is_own(const struct stat *);

#endif
