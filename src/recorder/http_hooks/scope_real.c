#include "recorder/http_hooks/scope_real.h"

#include <stdatomic.h>

#include "recorder/lib/elf_scope.h"

enum { CLAIMED = 1 }; /* in place of a base: being written */

static bool is_loaded(const struct scope_real *k)
{
	struct module m;

	return elf_module(k->function, &m) && m.base == k->library;
}

/* Where the place is taken, the function is searched in each call. */
static void keep(struct scope_real *k, const struct module *module,
		 void *function)
{
	uintptr_t free = 0;
	struct module library;

	if (!function || !elf_module(function, &library) ||
	    !atomic_compare_exchange_strong(&k->module, &free, CLAIMED))
		return;
	k->function = function;
	k->library = library.base;
	atomic_store(&k->module, module->base);
}

void *scope_real_find(struct scope_real *known, const char *name,
		      const void *caller)
{
	const char *call = (const char *)caller - 1;
	struct module module;
	struct scope_real *k;
	void *function;

	if (!elf_module(call, &module))
		return elf_in_scope_of(NULL, name);
	k = &known[(module.base >> 12) % SCOPES];
	if (atomic_load(&k->module) == module.base && is_loaded(k))
		return k->function;
	function = elf_in_scope_of(call, name);
	keep(k, &module, function);
	return function;
}
