/* Ruby, PHP, Perl and bash end in libc for what counts here: getenv, setenv,
 * fork, execv. When one of their own calls stands right before libc, the
 * interpreter is asked which line of the program it is at.
 *
 * Only then: the module that calls is the one that has the interpreter's
 * functions (libruby, php, libphp, perl, bash), and this thread is one that
 * runs programs in it. A library's getenv, another thread, a vfork's child
 * never ask. Nothing is looked up before a watched name is, or a program is
 * started.
 *
 * To add one: a file like ruby.c, and a row in interpreters.def. */
#ifndef RECORDER_INTERPRETER_H
#define RECORDER_INTERPRETER_H

#include <stdbool.h>

#include "recorder/lib/elf_objects.h"
#include "recorder/process/exec_event.h"
#include "recorder/process/source_pos.h"

enum act { ACT_READ, ACT_CHANGE, ACT_LAUNCH };

/* True when `caller` lies in an interpreter; then *ret says where its program
 * is, with line 0 when that is not to be known now. */
bool interpreter_source_pos(const void *caller, enum act,
			    struct source_pos *ret);

/* The same for source_pos_current(): to be forgotten after what is told, when
 * true. */
bool interpreter_on_call(const void *caller, enum act);

/* The same for an exec or spawn that has begun. In a vfork child the vfork has
 * already recorded the place. */
void interpreter_on_launch(const struct exec_event *);

/* A function for each row of interpreters.def. `module` is that of the caller;
 * false when `module` is not that interpreter. *ret comes empty. */
#define INTERPRETER(name)                                                      \
	bool name##_source_pos(const struct module *module, enum act,          \
			       struct source_pos *ret);
#include "recorder/runtimes/interpreters.def"
#undef INTERPRETER

#endif
