/* Reading the key of a trace's fingerprints. */
#ifndef COMMANDS_TRACE_KEY_H
#define COMMANDS_TRACE_KEY_H

#include "base/arena.h"
#include "shared/key_file.h"

/* A file of a trusted user that nobody else can read. False, with *ret
 * unchanged: *ret_why finishes the sentence "cannot use the key FILE: ". */
bool key_read_at(int dir, const char *file, uint8_t ret[KEY_BYTES],
		 const char **ret_why);

/* The key beside the trace directory: DIR.key. */
bool key_read_beside(struct arena *, const char *directory,
		     uint8_t ret[KEY_BYTES], const char **ret_why);

#endif
