/* Redaction of command lines: every part that holds, or could hold, a secret
 * becomes stars. */
#ifndef RECORDER_REDACT_H
#define RECORDER_REDACT_H

#include "recorder/process/redact/redact_output.h"
#include "recorder/trace/event_line.h"

enum { REDACT_SHOWN = 16 }; /* arguments */

/* Puts "args" and "argc". Values of watched variables in envp are searched for
 * in every argument. `program` is the path of an existing file, or NULL: an
 * argument equal to `program` is no secret. */
void redact_args(struct event_line *, char *const *argv, char *const *envp,
		 const char *program);

/* Puts a text field: the path of an existing file. Known secrets in the path,
 * and parts with the form of a key, become stars. */
void redact_known(struct event_line *, const char *key, const char *text);

/* Puts a text field: a path or a name of a program, which may not exist. Some
 * programs pass by mistake an argument, such as a secret, in place of a name.
 */
void redact_path(struct event_line *, const char *key, const char *path);

/* Puts a part of a text: the name of a source file, as named by the runtime. A
 * path is shown, except for known secrets. Stars replace the content of a data:
 * URL, user and query of other URLs, and names made up by the program. */
void redact_source(struct event_line *, const char *name);

/* Puts a part of a text: the name of a function or a class. Stars when the name
 * holds a secret. */
void redact_known_part(struct event_line *, const char *name);

/* Would redact_path show the whole path? To be asked before a part of the path
 * is shown. */
bool redact_shows(const char *path);

#endif
