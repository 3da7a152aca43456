/* Command sites: where a person wrote the command that started a program.
 *
 * A launch by `env`, by a shell without an adapter or by make has no line of
 * its own. The files from which these read their commands have one: a script, a
 * makefile, package.json. A site is told only where it is certain: exactly one
 * line of the file can have become the command, and the file has not changed
 * since. So every line that is not understood counts as one that fits.
 *
 *	partial_text.c	texts of which parts are not known
 *	shell_parser.c	the commands of a text of the shell
 *	shell_source_cd.c	what they read by `.`, and where they go by `cd`
 *	written_files.c	which files are read
 *	lookup.h	one function for each kind of file
 *	outdated_places.c	places in files that are gone or edited
 *	script_env_change.c	which line of a script sets or removes a name
 *	makefile_env_change.c	the same of a makefile
 *	shell_tests.c	which test of a script ended it
 *	shell/client_expansions.c	names in the command of a failed client
 *	shell/script_expansions.c	names in a script and the files it reads
 *	tool_settings.c	which line of a tool's settings names a variable
 *	tools/		envdir, containers, cells of Jupyter
 *	go/		sources of a program in Go, which tells no call
 *	servers/	which line of a server's settings takes a variable away
 *	launcher_climb.c	from `env` or `sh -c` up to a file
 *
 * To add a kind of file: a function in lookup.h, a row in launcher_climb.c. */
#ifndef COMMAND_SITES_COMMAND_SITES_H
#define COMMAND_SITES_COMMAND_SITES_H

#include "trace/trace.h"

/* Gives `command_site` to the launches of a sorted and folded trace of
 * directories, recorded since this machine started. */
void command_sites_resolve(struct arena *, struct trace *t);

/* The same for a trace that was only sorted. */
void command_sites_resolve_unfolded(struct arena *, struct trace *t);

#endif
