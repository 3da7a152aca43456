/* What env and secret files hold, for a trace that does not tell: of a program
 * that was preloaded without `keytrail run`, or of a run that has not ended. */
#ifndef COMMANDS_ENV_FILE_LATE_LOOK_H
#define COMMANDS_ENV_FILE_LATE_LOOK_H

#include "trace/trace.h"

/* Reads the files, with the keys beside the trace directories, and adds their
 * `file` events to the sorted trace: in memory, no file of the trace is
 * changed.
 *
 * Only of a directory of our user, recorded since this boot under our root
 * directory and with the key that lies beside. Else `files_unread` says why
 * nobody looked. */
void env_file_late_look(struct arena *, struct trace *, bool is_folded);

/* For a user who wants no file read. */
void env_file_leave_out(struct trace *);

#endif
