/* Commands: the only place that speaks to the user and decides how we end.
 *
 * To add one: write src/commands/NAME.c defining `const struct command
 * command_NAME`, and name it in main.c's table. */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include "base/arena.h"
#include "base/opts.h"

enum { DONE = 0, ANSWERED_NO = 1, FAILED = 2 }; /* exit statuses */

struct command {
	const char *name;
	const char *about; /* one line of `keytrail --help` */
	int (*run)(struct arena *, int argc, char **argv); /* exit status */
};

extern const struct command command_run, command_report, command_replay,
	command_pack, command_explain, command_doctor;

/* One line on standard error: what failed, on what, what to do next. Returns
 * FAILED. Text that we did not write ourselves may stand in it. */
int complain(struct arena *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Parses; true when the command is to go on. Otherwise help or a complaint
 * has been written and *ret_status is how to end. */
bool take_options(struct arena *, struct opts *, int argc, char **argv,
		  int *ret_status);

/* Standard output or error, drawn for whoever looks at it. */
struct out to_screen(struct arena *, int fd);

/* Ends what was written to standard output: `status`, or FAILED after a
 * complaint. A reader that went away early is nobody's fault. */
int end_screen(struct out *, int status);

#endif
