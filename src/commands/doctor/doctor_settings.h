/* The effect of a KEYTRAIL variable on the recorder. */
#ifndef COMMANDS_DOCTOR_SETTINGS_H
#define COMMANDS_DOCTOR_SETTINGS_H

#include "commands/doctor/doctor.h"
#include "host/foreign_root.h"

struct read_settings {
	const char *dir; /* "": the default directory */
	bool is_off;
	bool is_refused; /* nothing is recorded */
};

/* Adds an answer for each setting without the effect meant by the author.
 * `root`: the root of the process with the variable. `cwd`: the base of
 * relative paths, or null. Values other than paths and numbers are never
 * printed: a value may be a key. */
struct read_settings check_settings(struct checkup *, const char *text,
				    const struct foreign_root *root,
				    const char *cwd);

#endif
