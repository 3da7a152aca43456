#include "recorder/runtimes/python.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/python_api.h"
#include "recorder/runtimes/python_audit.h"

void python_start(void)
{
	if (python_api_find())
		python_audit_start();
}

void python_begins(const void *caller)
{
	static _Atomic uintptr_t plain; /* the last caller outside Python */
	struct module module;
	int error;

	if (!globals || python_audit_is_started() ||
	    atomic_load_explicit(&plain, memory_order_relaxed) ==
		    (uintptr_t)caller)
		return;
	if (!elf_module((const char *)caller - 1, &module) ||
	    !python_api_is_in(&module)) {
		atomic_store_explicit(&plain, (uintptr_t)caller,
				      memory_order_relaxed);
		return;
	}
	error = host_errno();
	if (python_api_find_in(&module))
		python_audit_start();
	host_set_errno(error);
}
