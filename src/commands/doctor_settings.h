/* What the recorder makes of a KEYTRAIL variable. */
#ifndef COMMANDS_DOCTOR_SETTINGS_H
#define COMMANDS_DOCTOR_SETTINGS_H

#include "commands/doctor.h"
#include "host/foreign_root.h"

struct read_settings {
	const char *dir; /* "": the default directory */
	bool is_off;
	bool is_refused; /* nothing is recorded */
};

/* Adds an answer for each setting that does not do what its author meant.
 * `root`: that of the process which has the variable. `cwd`: what a relative
 * path was relative to, or null. Values other than paths and numbers are never
 * printed: one may be a key. */
struct read_settings check_settings(struct checkup *, const char *text,
				    const struct foreign_root *root,
				    const char *cwd);

#endif
