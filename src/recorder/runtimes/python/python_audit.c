#include "recorder/runtimes/python/python_audit.h"

#include "recorder/lib/str.h"
#include "recorder/process/language_copy.h"
#include "recorder/process/open_event.h"
#include "recorder/process/source_pos.h"
#include "recorder/runtimes/python/python_differ.h"
#include "recorder/runtimes/python/python_environ.h"
#include "recorder/runtimes/python/python_exit.h"
#include "recorder/runtimes/python/python_frames.h"
#include "recorder/runtimes/python/python_hook_memory.h"
#include "recorder/runtimes/python/python_raise.h"
#include "recorder/runtimes/python/python_request.h"
#include "recorder/secrets/watched_names.h"

static bool is_started;

bool python_audit_is_started(void)
{
	return is_started;
}

static bool is_launch(const char *event)
{
	static const char events[][24] = {
		"subprocess.Popen", "os.exec",	"os.fork",   "os.forkpty",
		"os.posix_spawn",   "os.spawn", "os.system", "pty.spawn"};

	for (size_t i = 0; i < ARRAY_LENGTH(events); i++)
		if (str_equal(event, events[i]))
			return true;
	return false;
}

static bool is_import_of_os(const char *event, object *args)
{
	const char *name;

	if (!str_equal(event, "import"))
		return false;
	name = python_text(py.PyTuple_GetItem(args, 0));
	return name && str_equal(name, "os");
}

/* A launch by the standard library alone has no line of the program. */
static void note_launch(void)
{
	struct source_pos *place = source_pos_current();

	python_find_place(place, source_pos_callers());
	python_compare(place, source_pos_callers());
	if (python_is_library_code(place->file))
		source_pos_clear();
}

void python_note_launch(void)
{
	struct python_exception exception = python_take_exception();

	note_launch();
	python_restore_exception(exception);
}

/* What looks in another object in the place of os.environ is not heard. */
static void note_replaced_environ(void)
{
	struct source_pos place;
	struct callers callers;

	if (!python_is_environ_replaced())
		return;
	python_find_place(&place, &callers);
	python_compare(&place, &callers);
}

/* os.putenv and os.unsetenv by themselves, past os.environ. */
static bool is_change_of_libc(const char *event, object *args)
{
	const char *name;

	if (language_copy_changed() == KT_ENVIRONMENT_BOTH ||
	    !(str_equal(event, "os.putenv") || str_equal(event, "os.unsetenv")))
		return false;
	name = python_text(py.PyTuple_GetItem(args, 0));
	return name && is_watched_name(name, str_length(name));
}

static void note_place(void)
{
	python_find_place(source_pos_current(), source_pos_callers());
	source_pos_end_with_call();
}

/* Python gives its lock away before the call of libc: the hook cannot ask. */
static void note_open(object *args)
{
	const char *path = python_text(py.PyTuple_GetItem(args, 0));

	if (path && open_may_be_told(path))
		note_place();
}

static void on_end(void)
{
	python_hook_memory_end();
	python_environ_forget();
	is_started = false;
}

/* Runs for every audited event: each import, open and call. The first letter
 * excludes most events. */
static int on_audit_event(const char *event, object *args, void *unused)
{
	static __thread bool importing;
	struct python_exception exception;

	(void)unused;
	if (str_equal(event, "cpython._PySys_ClearAuditHooks")) {
		on_end();
		return 0;
	}
	if ((*event != 'i' && *event != 's' && *event != 'o' && *event != 'p' &&
	     *event != 'h') ||
	    importing)
		return 0;
	exception = python_take_exception();
	if (is_import_of_os(event, args)) {
		importing = true;
		python_environ_wrap();
		python_exit_wrap();
		importing = false;
	} else if (str_equal(event, "import")) {
		note_replaced_environ();
	} else if (str_equal(event, "sys.excepthook")) {
		python_exit_forget();
		python_record_uncaught(args);
	} else if (str_equal(event, "open")) {
		python_record_printed();
		note_open(args);
	} else if (is_launch(event)) {
		note_launch();
	} else if (is_change_of_libc(event, args)) {
		note_place();
	} else if (python_is_request(event)) {
		python_note_request();
	}
	python_restore_exception(exception);
	return 0;
}

void python_audit_start(void)
{
	python_hook_memory_begin();
	is_started = !py.PySys_AddAuditHook(on_audit_event, NULL);
	python_hook_memory_restore();
}
