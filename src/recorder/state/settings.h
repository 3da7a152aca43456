/* The settings of this process, from the KEYTRAIL variable
 * (shared/settings_text.h), and the path of the recorder's own library. */
#ifndef RECORDER_SETTINGS_H
#define RECORDER_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/lib/str.h"
#include "shared/key_file.h"
#include "shared/settings_text.h"

struct settings {
	uint8_t key[16];
	char key_id[KEY_ID_BYTES], boot[9];
	bool off, stacks, http;
	bool no_ends; /* ends=0: replace nothing of a runtime */
	bool is_root; /* no parent in the trace, as far as KEYTRAIL tells */
	uint64_t max; /* bytes a segment may grow to */
	uint64_t device, inode; /* which directory `dir` must be, or 0: any */
	char dir[PATH_BYTES];
	char library[PATH_BYTES]; /* our own file, as the loader found it */
	char label[LABEL_BYTES];  /* label=, or "" */
	char patterns[PATTERNS_BYTES]; /* watch=, "\0"-separated, "" ends */
};

/* Reads KEYTRAIL from envp (NULL when it is not set: the default directory),
 * finds or makes the key. False: nothing can be recorded. */
bool settings_read(struct settings *, char *const *envp);

/* KEYTRAIL=... for children whose envp has lost it, with the key, so that they
 * need not find its file: settings_variable_bytes(), terminated, at most. */
size_t settings_variable_bytes(const struct settings *);
void settings_variable(const struct settings *, char *to, size_t size);

/* The value of name in an environment, or NULL. */
const char *env_value(char *const *envp, const char *name);

#endif
