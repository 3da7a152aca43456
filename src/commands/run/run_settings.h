/* The KEYTRAIL variable of a command: what the options of `run` say, and what
 * the user's own KEYTRAIL says beside them. */
#ifndef COMMANDS_RUN_SETTINGS_H
#define COMMANDS_RUN_SETTINGS_H

#include <stdbool.h>

#include "base/opts.h"
#include "commands/run/run_dir.h"

struct run_settings {
	const struct run_dir *dir;
	const struct texts *watch;
	bool stacks, http;
	bool of_launcher; /* see run_self_wrapper.h */
};

/* "KEYTRAIL=...". */
char *run_settings_variable(struct arena *, const struct run_settings *);

/* keyfile= of the user's own KEYTRAIL, or null. */
const char *run_settings_keyfile(struct arena *);

/* http=1 of the same. */
bool run_settings_http(void);

/* max= of the same, or the usual maximum, in bytes. */
uint64_t run_settings_max(void);

#endif
