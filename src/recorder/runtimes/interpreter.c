#include "recorder/runtimes/interpreter.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/recorder.h"
#include "recorder/lib/str.h"

/* The last few callers outside any interpreter. When a module is unloaded and
 * an interpreter takes the same addresses, a position is missed. A caller
 * within an interpreter is never remembered. */
static _Atomic uintptr_t plain[8];

static _Atomic uintptr_t *home_of(const void *caller)
{
	return &plain[(uintptr_t)caller * UINT64_C(0x9e3779b97f4a7c15) >> 61];
}

static bool ask(const struct module *module, enum act act,
		struct source_pos *ret)
{
#define INTERPRETER(name)                                                      \
	if (name##_source_pos(module, act, ret))                               \
		return true;
#include "recorder/runtimes/interpreters.def"
#undef INTERPRETER
	return false;
}

bool interpreter_source_pos(const void *caller, enum act act,
			    struct source_pos *ret)
{
	_Atomic uintptr_t *home = home_of(caller);
	struct module module;
	int error;
	bool is_one;

	if (!globals || thread.vforked ||
	    atomic_load_explicit(home, memory_order_relaxed) ==
		    (uintptr_t)caller)
		return false;
	source_pos_set(ret, NULL, 0, NULL);
	error = host_errno();
	is_one = elf_module((const char *)caller - 1, &module) &&
		 ask(&module, act, ret);
	host_set_errno(error);
	if (!is_one)
		atomic_store_explicit(home, (uintptr_t)caller,
				      memory_order_relaxed);
	return is_one;
}

bool interpreter_on_call(const void *caller, enum act act)
{
	struct source_pos place;
	bool is_one = interpreter_source_pos(caller, act, &place);

	if (is_one)
		*source_pos_current() = place;
	return is_one;
}

void interpreter_on_launch(const struct exec_event *h)
{
	if (!h->vfork_pid)
		interpreter_on_call(h->caller, ACT_LAUNCH);
}
