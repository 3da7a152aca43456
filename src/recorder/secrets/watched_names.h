/* Which variables count as credentials: the catalogue, names similar to a name
 * of the catalogue (so that typos are found), and the user's own patterns. */
#ifndef RECORDER_WATCHED_NAMES_H
#define RECORDER_WATCHED_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Once, at start. `patterns` are KEYTRAIL's watch= entries, separated by "\0"
 * and ended by an empty entry. The text must outlive the process. Before this
 * call no name is watched. */
void watched_names_start(const char *patterns);

bool is_watched_name(const char *name, size_t n);

/* Watches one more name. False: the name is too long, or there are 32 already.
 */
bool watched_names_add(const char *name, size_t n);

/* A whole entry of environ, NAME=value: true when the name is watched, or the
 * value has the form of a known provider's key. */
bool is_watched_entry(const char *entry, size_t name_length);

/* True for the two variables that the recorder adds. */
bool is_ours(const char *entry, size_t name_length);

bool glob_matches(const char *pattern, const char *name, size_t n);

#endif
