#include "recorder/runtimes/perl/perl_ops.h"

#include <sys/mman.h>

#include "recorder/lib/elf_objects.h"

/* False: the loader keeps the page for reading only. */
static bool is_writable(const void *at)
{
	int protection = elf_protection(at);

	return protection < 0 || protection & PROT_WRITE;
}

perl_op_function *perl_op_function_of(const char *name)
{
	int n = perl_op_number(name);

	return n < 0 ? NULL : perl.PL_ppaddr[n];
}

perl_op_function *perl_op_replace(const char *name, perl_op_function *ours)
{
	int n = perl_op_number(name);
	perl_op_function *original;

	if (n < 0 || !is_writable(&perl.PL_ppaddr[n]))
		return NULL;
	original = perl.PL_ppaddr[n];
	if (original)
		perl.PL_ppaddr[n] = ours;
	return original;
}

bool perl_is_running(void *self, perl_op_function *ours)
{
	const struct perl_op *op = perl_current_op(self);

	return op && op->function == ours;
}

/* Threads share their ops, and store the same here. */
void perl_op_restore(struct perl_op *op, perl_op_function *ours,
		     perl_op_function *original)
{
	if (op->function == ours)
		__atomic_store_n(&op->function, original, __ATOMIC_RELAXED);
}
