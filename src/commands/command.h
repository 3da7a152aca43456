/* Commands: the only folder which prints errors and decides the exit status.
 *
 * To add a command: write src/commands/NAME.c defining `const struct command
 * command_NAME`, and name the command in main.c's table. */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include "base/arena.h"
#include "base/opts.h"

enum { DONE = 0, ANSWERED_NO = 1, FAILED = 2 }; /* exit statuses */

struct command {
	const char *name;
	const char *about; /* a line of `keytrail --help` */
	int (*run)(struct arena *, int argc, char **argv); /* exit status */
};

extern const struct command command_run, command_report, command_replay,
	command_pack, command_explain, command_doctor, command_names;

/* Prints one line on standard error: what failed, on what, what to do next.
 * Foreign text in the arguments is made safe. Returns FAILED. */
int complain(struct arena *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Parses; true when the command is to go on. Otherwise help or a complaint
 * has been written, and opts->status is how to end. */
bool take_options(struct arena *, struct opts *, int argc, char **argv);

/* Standard output or error, with the width, colours and characters of the
 * terminal. */
struct out terminal_out(struct arena *, int fd);

/* Ends output to standard output. Returns `status`, or FAILED after a
 * complaint. A reader which closed the pipe early is no error. */
int terminal_end(struct out *, int status);

/* Output of a page, which may be longer than the terminal. terminal_page_end
 * shows the page through $PAGER, or less, when standard output is a terminal,
 * and writes it there otherwise. */
struct out terminal_page(struct arena *);
int terminal_page_end(struct out *, int status);

#endif
