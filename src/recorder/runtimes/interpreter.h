/* Source positions in Ruby, PHP, Perl and bash. These interpreters call libc
 * for every access and launch: getenv, setenv, fork, execv. When an interpreter
 * is the direct caller of libc, the adapter asks the interpreter for the
 * program's current line, and Ruby and PHP for the callers of the line.
 *
 * Two conditions: the calling module has the interpreter's functions (libruby,
 * php, libphp, perl, bash), and this thread runs programs in that interpreter.
 * Nothing is asked for a library's getenv, on another thread, or in a vfork's
 * child. No symbol is looked up before a watched name is read or changed, or a
 * program is started.
 *
 * To add an interpreter: a file like ruby.c, and a row in interpreters.def. */
#ifndef RECORDER_INTERPRETER_H
#define RECORDER_INTERPRETER_H

#include <stdbool.h>

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"
#include "recorder/process/exec_event.h"
#include "recorder/process/source_pos.h"

enum act {
	ACT_READ,
	ACT_CHANGE,
	ACT_OPEN,
	ACT_LAUNCH,
	ACT_EXIT,     /* libc's exit: the interpreter may be gone by then */
	ACT_EXIT_NOW, /* _exit, which leaves everything as it is */
};

/* The program's position, with line 0 when the position cannot be known now.
 * `find_callers`: NULL, or finds the callers until the program goes on. */
struct interpreter_place {
	struct source_pos pos;
	callers_finder *find_callers;
};

/* True when `caller` lies in an interpreter. */
bool interpreter_source_pos(const void *caller, enum act,
			    struct interpreter_place *ret);

/* The position of the interpreter that this thread runs, whoever is the caller:
 * Ruby or PHP, noted by interpreter_begins(). False: none. */
bool interpreter_running_pos(enum act, struct interpreter_place *ret);

/* The same for source_pos_current() and its callers. When true: clear the
 * position after the event. */
bool interpreter_on_call(const void *caller, enum act);

/* The same for an exec or spawn that has begun. In a vfork child the vfork has
 * already recorded the place. */
void interpreter_on_launch(const struct exec_event *);

/* Names for which Ruby and PHP call getenv once while they begin, with whatever
 * options: the interpreter's objects exist, and no program runs yet. */
static inline bool interpreter_begins_with(const char *name, size_t n)
{
	return (n == 7 && bytes_equal(name, "RUBYLIB", 7)) ||
	       (n == 16 && bytes_equal(name, "PHP_INI_SCAN_DIR", 16));
}
void interpreter_begins(const void *caller);

/* A function for each row of interpreters.def. False when `module`, the
 * caller's, is not this interpreter. *ret is empty at first. */
#define INTERPRETER(name)                                                      \
	bool name##_source_pos(const struct module *module, enum act,          \
			       struct interpreter_place *ret);
#include "recorder/runtimes/interpreters.def"
#undef INTERPRETER

#endif
