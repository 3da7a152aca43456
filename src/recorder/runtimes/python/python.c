#include "recorder/runtimes/python/python.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/python/python_api.h"
#include "recorder/runtimes/python/python_audit.h"
#include "recorder/runtimes/python/python_frames.h"

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

extern char __libc_single_threaded __attribute__((weak)); /* glibc 2.32 */

static bool is_alone(void)
{
	return &__libc_single_threaded && __libc_single_threaded;
}

static void find_place(struct source_pos *pos, struct callers *callers)
{
	struct python_exception e = python_take_exception();

	python_find_place(pos, callers);
	python_restore_exception(e);
}

/* This thread without the lock, which no other thread can hold; else NULL. */
static void *detached_thread(void)
{
	if (!is_alone() || !py.PyGILState_GetThisThreadState ||
	    !py.PyEval_SaveThread || !py.PyEval_RestoreThread ||
	    python_is_attached())
		return NULL;
	return py.PyGILState_GetThisThreadState();
}

bool python_on_probe(const void *caller, struct source_pos *pos,
		     struct callers *callers)
{
	struct module module;
	void *self;

	if (!python_audit_is_started())
		return false;
	self = detached_thread();
	if (!self || !elf_module((const char *)caller - 1, &module) ||
	    !python_api_is_in(&module))
		return false;
	py.PyEval_RestoreThread(self);
	find_place(pos, callers);
	py.PyEval_SaveThread();
	return true;
}

void python_on_fork(void)
{
	void *self;

	if (!python_audit_is_started() || thread.vforked ||
	    source_pos_current()->line)
		return;
	if (python_is_attached()) {
		python_note_launch();
		return;
	}
	self = detached_thread();
	if (!self)
		return;
	py.PyEval_RestoreThread(self);
	python_note_launch();
	py.PyEval_SaveThread();
}
