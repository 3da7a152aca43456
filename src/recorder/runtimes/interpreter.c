#include "recorder/runtimes/interpreter.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/recorder.h"
#include "recorder/lib/str.h"
#include "recorder/runtimes/php/php_copy.h"
#include "recorder/runtimes/php/php_differ.h"
#include "recorder/runtimes/php/php_ends.h"
#include "recorder/runtimes/ruby/ruby_copy.h"
#include "recorder/runtimes/ruby/ruby_ends.h"

/* The last few callers outside any interpreter. When a module is unloaded and
 * an interpreter takes the same addresses, a position is missed. A caller
 * within an interpreter is never remembered. */
static _Atomic uintptr_t plain[8];

static _Atomic uintptr_t *home_of(const void *caller)
{
	return &plain[(uintptr_t)caller * UINT64_C(0x9e3779b97f4a7c15) >> 61];
}

static bool ask(const struct module *module, enum act act,
		struct interpreter_place *ret)
{
#define INTERPRETER(name)                                                      \
	if (name##_source_pos(module, act, ret))                               \
		return true;
#include "recorder/runtimes/interpreters.def"
#undef INTERPRETER
	return false;
}

bool interpreter_source_pos(const void *caller, enum act act,
			    struct interpreter_place *ret)
{
	_Atomic uintptr_t *home = home_of(caller);
	struct module module;
	int error;
	bool is_one;

	if (!globals || thread.vforked ||
	    atomic_load_explicit(home, memory_order_relaxed) ==
		    (uintptr_t)caller)
		return false;
	source_pos_set(&ret->pos, NULL, 0, NULL);
	ret->find_callers = NULL;
	error = host_errno();
	is_one = elf_module((const char *)caller - 1, &module) &&
		 ask(&module, act, ret);
	host_set_errno(error);
	if (!is_one)
		atomic_store_explicit(home, (uintptr_t)caller,
				      memory_order_relaxed);
	return is_one;
}

/* The module that interpreter_begins() met. `name` NULL: none. */
static struct module begun __attribute__((section(".bss.seldom")));

bool interpreter_running_pos(enum act act, struct interpreter_place *ret)
{
	if (!begun.name || thread.vforked)
		return false;
	source_pos_set(&ret->pos, NULL, 0, NULL);
	ret->find_callers = NULL;
	return ask(&begun, act, ret);
}

/* A vfork child is started with the callers that its parent found. */
static void note_callers(callers_finder *finder, enum act act)
{
	int error = host_errno();

	if (act == ACT_LAUNCH)
		finder(source_pos_callers());
	else
		source_pos_find_callers_by(finder);
	host_set_errno(error);
}

bool interpreter_on_call(const void *caller, enum act act)
{
	struct interpreter_place place;
	bool is_one = interpreter_source_pos(caller, act, &place);

	if (is_one)
		*source_pos_current() = place.pos;
	if (is_one && place.find_callers)
		note_callers(place.find_callers, act);
	if (is_one && act == ACT_LAUNCH)
		php_compare(caller, NULL, 0, &place.pos);
	return is_one;
}

void interpreter_on_launch(const struct exec_event *h)
{
	if (!h->vfork_pid)
		interpreter_on_call(h->caller, ACT_LAUNCH);
}

/* Not with ends=0: what is watched is replaced. */
static void php_begins(const struct module *module)
{
	if (!globals->settings.no_ends && php_ends_watch(module))
		php_copy_watch(module);
}

static bool ruby_begins(const struct module *module)
{
	static bool has_begun;

	if (has_begun)
		return true;
	has_begun = ruby_ends_watch(module);
	if (has_begun && !globals->settings.no_ends)
		ruby_copy_watch(module);
	return has_begun;
}

void interpreter_begins(const void *caller)
{
	struct module module;
	int error;

	if (!globals || thread.vforked ||
	    !elf_module((const char *)caller - 1, &module))
		return;
	error = host_errno();
	begun = module;
	if (!ruby_begins(&module))
		php_begins(&module);
	host_set_errno(error);
}
