/* Entries of an environment: NAME=value. */
#ifndef RECORDER_ENV_ENTRY_H
#define RECORDER_ENV_ENTRY_H

#include <stddef.h>

/* Length of the name. 0 for an entry without a name, or without "=". */
size_t env_name_length(const char *entry);

/* The entry found by getenv in envp, or NULL. */
const char *env_entry(char *const *envp, const char *name, size_t n);

#endif
