#include "recorder/runtimes/python/python_exit.h"

#include <sys/mman.h>

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/python/python_frames.h"
#include "recorder/runtimes/python/python_raise.h"

/* The last call of sys.exit, or making of a SystemExit, in the first thread:
 * the only one whose SystemExit ends the program. A forked child inherits the
 * note with the exception. */
static struct {
	bool is_set;
	struct source_pos place;
	struct callers callers;
	char by[RAISER];
} noted;

/* sys.exit makes its SystemExit at once or, before 3.12, when a handler looks
 * at it: that making is no other call. */
static bool is_made_by_exit;

static void note(void)
{
	struct python_exception exception;

	if (!globals || !is_main_thread())
		return;
	exception = python_take_exception();
	python_find_place(&noted.place, &noted.callers);
	python_find_running_library(noted.by);
	noted.is_set = noted.place.line;
	python_record_handled();
	python_restore_exception(exception);
}

void python_exit_forget(void)
{
	if (is_main_thread())
		noted.is_set = is_made_by_exit = false;
}

/* False: the loader keeps the page for reading only, so nothing is replaced
 * there. */
static bool is_writable(const void *at)
{
	int protection = elf_protection(at);

	return protection < 0 || protection & PROT_WRITE;
}

/* ---- sys.exit ------------------------------------------------------------ */

/* With the arguments of either calling convention: three, or four. */
typedef object *exit_function(object *self, void *args, long count,
			      object *names);
static exit_function *original_exit;

static object *on_sys_exit(object *self, void *args, long count, object *names)
{
	int error = host_errno();

	note();
	if (is_main_thread())
		is_made_by_exit = true;
	host_set_errno(error);
	return original_exit(self, args, count, names);
}

/* The definition behind a built-in function. The object, its name and its text
 * stay what they are. NULL: laid out in another way than is known. */
static struct method *method_of(object *function)
{
	enum { TYPE = 1, DEFINITION = 2 };
	struct method *m;

	if (!function || !py.PyCFunction_Type || !py.PyCFunction_GetFunction ||
	    ((object **)function)[TYPE] != py.PyCFunction_Type)
		return NULL;
	m = ((struct method **)function)[DEFINITION];
	return m && (void *)m->call == py.PyCFunction_GetFunction(function)
		       ? m
		       : NULL;
}

static void wrap_sys_exit(void)
{
	object *function = py.PySys_GetObject ? py.PySys_GetObject("exit")
					      : NULL; /* borrowed */
	struct method *m = method_of(function);

	if (!m || (void *)m->call == (void *)on_sys_exit ||
	    !str_equal(m->name, "exit") || !is_writable(m) ||
	    (original_exit && (void *)m->call != (void *)original_exit))
		return;
	original_exit = (exit_function *)(void *)m->call;
	m->call = (object * (*)(object *, object *))(void *)on_sys_exit;
}

/* ---- SystemExit ---------------------------------------------------------- */

typedef int init_function(object *self, object *args, object *names);
static init_function *original_init;

static int on_system_exit(object *self, object *args, object *names)
{
	int error = host_errno();

	if (!is_main_thread() || !is_made_by_exit)
		note();
	else
		is_made_by_exit = false;
	host_set_errno(error);
	return original_init(self, args, names);
}

/* tp_init of a type. The number is part of the ABI of 3.8 to 3.13; 3.10 and
 * later tell the slot of a static type, too. */
static init_function **init_of(object *type)
{
	enum { NAME = 3, INIT = 37, Py_tp_init = 60 };
	void **words = (void **)type;
	void *slot;

	if (!str_equal((const char *)words[NAME], "SystemExit"))
		return NULL;
	slot = py.PyType_GetSlot ? py.PyType_GetSlot(type, Py_tp_init) : NULL;
	if (!slot)
		py.PyErr_Clear();
	return words[INIT] && (!slot || slot == words[INIT])
		       ? (init_function **)&words[INIT]
		       : NULL;
}

static void wrap_system_exit(void)
{
	init_function **init;

	/* Another layout of objects: method_of() does not know it either. */
	if (!original_exit || !py.PyExc_SystemExit)
		return;
	init = init_of(*py.PyExc_SystemExit);
	if (!init || *init == on_system_exit || !is_writable(init) ||
	    (original_init && *init != original_init))
		return;
	original_init = *init;
	*init = on_system_exit;
}

void python_exit_wrap(void)
{
	if (globals->settings.no_ends)
		return;
	wrap_sys_exit();
	wrap_system_exit();
}

/* ---- the end ------------------------------------------------------------- */

/* The interpreter itself calls exit for a SystemExit only; `python -m` returns
 * the status from main. A note of one that was caught is not of this end. */
static bool is_of_note(const char *fn, int status, bool is_pythons)
{
	return noted.is_set && is_main_thread() &&
	       (str_equal(fn, "return") ? status != 0
					: str_equal(fn, "exit") && is_pythons);
}

/* A child of subprocess that could not exec ends in _exit, too. */
static bool is_in_failed_launch(void)
{
	return python_is_in("subprocess.py", "_execute_child") ||
	       python_is_in("util.py", "spawnv_passfds");
}

static bool ask(void)
{
	struct python_exception exception = python_take_exception();
	bool is_call = !is_in_failed_launch();

	if (is_call)
		python_find_place(source_pos_current(), source_pos_callers());
	python_restore_exception(exception);
	return is_call && source_pos_current()->line;
}

/* The interpreter has ended by the time it calls exit: only the note is left.
 * Only the interpreter's own _exit, made by os._exit: any other may come from a
 * handler of a signal, which must not call the interpreter. */
bool python_on_exit(const char *fn, int status, const void *caller,
		    const char **ret_by)
{
	struct module module;
	bool is_pythons;

	if (!globals || !py.PyEval_GetFrame || thread.vforked)
		return false;
	is_pythons = caller && elf_module((const char *)caller - 1, &module) &&
		     python_api_is_in(&module);
	if (is_of_note(fn, status, is_pythons)) {
		*source_pos_current() = noted.place;
		*source_pos_callers() = noted.callers;
		/* The built-in exit() is the program's own call. */
		if (!str_equal(noted.by, "_sitebuiltins.py"))
			*ret_by = noted.by;
		return true;
	}
	return is_pythons && str_equal(fn, "_exit") && python_is_attached() &&
	       ask();
}
