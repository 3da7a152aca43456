/* The checks of `keytrail doctor -p PID`. */
#ifndef COMMANDS_DOCTOR_PROCESS_H
#define COMMANDS_DOCTOR_PROCESS_H

#include "commands/doctor/doctor.h"
#include "host/foreign_root.h"
#include "host/running_process.h"
#include "trace/trace.h"

/* doctor_process.c: is the process `pid` being recorded? Else the checkup is
 * hopeless. False: the process is not there, or may not be looked into; then
 * a complaint was printed. */
bool check_process(struct checkup *, const char *pid);

/* doctor_no_library.c: why the recorder is not in the process. */
void explain_no_library(struct checkup *, const struct running_process *,
			const struct foreign_root *);

/* doctor_process_trace.c: what the trace in the open directory `fd`, at `path`,
 * has of the process. False: *ret_why has the reason why the trace was not
 * read. */
bool check_birth(struct checkup *, const struct running_process *, int fd,
		 const char *path, const char **ret_why);

#endif
