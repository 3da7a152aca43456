/* Command lines, with every part masked that holds, or could hold, a secret. */
#ifndef RECORDER_REDACT_H
#define RECORDER_REDACT_H

#include "recorder/trace/event_line.h"

enum { REDACT_SHOWN = 16 }; /* arguments */

/* "args" and "argc". The values of watched variables in envp are looked for
 * in every argument. `program` is a file that is there: an argument that is
 * its path is no secret. NULL: none is known. */
void redact_args(struct event_line *, char *const *argv, char *const *envp,
		 const char *program);

/* A text field, the path of what is there: shown as it is, unless a known
 * secret stands in it, and less those parts that have the form of a key. */
void redact_known(struct event_line *, const char *key, const char *text);

/* One text field, a path or a name of a program: for people do call programs
 * by what should have been an argument. */
void redact_path(struct event_line *, const char *key, const char *path);

/* A part of a text: the name of a source file, as its runtime has it. A path is
 * shown, unless a known secret stands in it; but a data: URL, who a URL names
 * and what it asks, and a name that somebody made up may be anything. */
void redact_source(struct event_line *, const char *name);

/* Would redact_path show all of it? Before only a part of it is told. */
bool redact_shows(const char *path);

#endif
