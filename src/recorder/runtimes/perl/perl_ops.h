/* Functions of ours in place of Perl's functions behind ops. */
#ifndef RECORDER_PERL_OPS_H
#define RECORDER_PERL_OPS_H

#include <stdbool.h>

#include "recorder/runtimes/perl/perl_api.h"

/* Perl's own function behind the op of this name; NULL: Perl has no such op. */
perl_op_function *perl_op_function_of(const char *name);

/* For all ops that Perl compiles from now on. Returns Perl's own function; NULL
 * when nothing was replaced. Before Perl compiles anything. */
perl_op_function *perl_op_replace(const char *name, perl_op_function *ours);

/* True when the interpreter runs an op whose function is `ours`: the
 * interpreter is laid out as expected, and no other extension lies between. */
bool perl_is_running(void *self, perl_op_function *ours);

/* This op runs Perl's own function from now on. */
void perl_op_restore(struct perl_op *, perl_op_function *ours,
		     perl_op_function *original);

#endif
