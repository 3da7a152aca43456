/* Which variables count as credentials: the catalogue, names that are only
 * near to it (or typos could never be found), and the user's own patterns. */
#ifndef RECORDER_WATCHED_NAMES_H
#define RECORDER_WATCHED_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Once, at start. `patterns` are KEYTRAIL's watch= entries: "\0"-separated,
 * ended by an empty one; they must outlive the process. Before this call no
 * name is watched. */
void watched_names_start(const char *patterns);

bool is_watched_name(const char *name, size_t n);

/* A whole entry of environ, NAME=value: watched by its name, or because its
 * value has the form of a known provider's key. */
bool is_watched_entry(const char *entry, size_t name_length);

/* Is this one of the two variables that we add ourselves? */
bool is_ours(const char *entry, size_t name_length);

bool glob_matches(const char *pattern, const char *name, size_t n);

#endif
