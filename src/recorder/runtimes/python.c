#include "recorder/runtimes/python.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/process/getenv_event.h"
#include "recorder/recorder.h"
#include "recorder/lib/str.h"
#include "recorder/secrets/watched_names.h"

/* ---- the interpreter's functions, as Python.h has them ------------------- */

typedef struct object object; /* PyObject */
typedef int audit_hook(const char *event, object *args, void *data);

struct allocator { /* PyMemAllocatorEx */
	void *ctx;
	void *(*malloc)(void *ctx, size_t size);
	void *(*calloc)(void *ctx, size_t count, size_t size);
	void *(*realloc)(void *ctx, void *at, size_t size);
	void (*free)(void *ctx, void *at);
};

struct method { /* PyMethodDef */
	const char *name;
	object *(*call)(object *self, object *args);
	int flags;
	const char *doc;
};
enum { METH_VARARGS = 1, METH_NOARGS = 4, METH_O = 8, RAW_MEMORY = 0 };

#define FUNCTIONS(F)                                                           \
	F(PySys_AddAuditHook, int, (audit_hook *, void *))                     \
	F(PyMem_GetAllocator, void, (int, struct allocator *))                 \
	F(PyMem_SetAllocator, void, (int, struct allocator *))                 \
	F(PyImport_ImportModule, object *, (const char *))                     \
	F(PyObject_GetAttrString, object *, (object *, const char *))          \
	F(PyObject_SetAttrString, int, (object *, const char *, object *))     \
	F(PyObject_HasAttrString, int, (object *, const char *))               \
	F(PyObject_CallFunctionObjArgs, object *, (object *, ...))             \
	F(PyDescr_NewMethod, object *, (object *, struct method *))            \
	F(PyObject_Type, object *, (object *))                                 \
	F(PyTuple_GetItem, object *, (object *, long))                         \
	F(PyTuple_Size, long, (object *))                                      \
	F(PyErr_Fetch, void, (object **, object **, object **))                \
	F(PyErr_Restore, void, (object *, object *, object *))                 \
	F(PyErr_Clear, void, (void))                                           \
	F(PyUnicode_AsUTF8, const char *, (object *))                          \
	F(PyBytes_AsString, char *, (object *))                                \
	F(PyLong_AsLong, long, (object *))                                     \
	F(PyEval_GetFrame, object *, (void))                                   \
	F(Py_IncRef, void, (object *))                                         \
	F(Py_DecRef, void, (object *))

static struct functions {
#define F(name, type, arguments) type(*name) arguments;
	FUNCTIONS(F)
#undef F
} py;

/* ---- attributes, without a trace of an error ----------------------------- */

static object *attribute(object *of, const char *name)
{
	object *found = of ? py.PyObject_GetAttrString(of, name) : NULL;

	if (!found)
		py.PyErr_Clear();
	return found;
}

static void drop(object *o)
{
	if (o)
		py.Py_DecRef(o);
}

/* A str or bytes as text; NULL when it is neither, or not to be had. */
static const char *text_of(object *o)
{
	const char *text = o ? py.PyUnicode_AsUTF8(o) : NULL;

	if (text || !o)
		return text;
	py.PyErr_Clear();
	text = py.PyBytes_AsString(o);
	if (!text)
		py.PyErr_Clear();
	return text;
}

static long number_of(object *o)
{
	long n = o ? py.PyLong_AsLong(o) : 0;

	return n < 0 ? 0 : n;
}

/* What the interpreter was in the middle of raising must be there again. */
struct raised {
	object *type, *value, *traceback;
};

static struct raised set_aside(void)
{
	struct raised r;

	py.PyErr_Fetch(&r.type, &r.value, &r.traceback);
	return r;
}

static void put_back(struct raised r)
{
	py.PyErr_Restore(r.type, r.value, r.traceback);
}

/* ---- who asks ------------------------------------------------------------ */

/* The first frame that is not of os.environ's own machinery. */
struct asker {
	struct source_pos place;
	object *frame; /* only to be compared */
	long instruction;
	bool listing; /* through copy, items, values...: not a read */
};

/* What lies between the program and os.environ. */
static bool is_mapping(const char *file)
{
	const char *name = base_name(file);

	return str_equal(name, "os.py") ||
	       str_equal(name, "_collections_abc.py") ||
	       str_equal(file, "<frozen os>") ||
	       str_equal(file, "<frozen _collections_abc>");
}

/* What lies between the program and a launch: subprocess, multiprocessing,
 * asyncio, whatever of the standard library. */
static bool is_library(const char *file)
{
	const char *library = globals->python_library;
	size_t n = str_length(library);

	if (str_begins(file, "<frozen "))
		return true;
	return n && str_begins(file, library) && file[n] == '/' &&
	       !str_begins(file + n, "/site-packages/") &&
	       !str_begins(file + n, "/dist-packages/");
}

typedef bool machinery(const char *file);

static bool is_listing(const char *function)
{
	static const char names[][12] = {
		"__iter__", "copy",    "items",	 "values",   "keys",
		"__or__",   "__ror__", "__eq__", "__repr__", "popitem"};

	for (size_t i = 0; function && i < ARRAY_LENGTH(names); i++)
		if (str_equal(function, names[i]))
			return true;
	return false;
}

/* Looks at one frame; true when it is the asker's. */
static bool is_asker(object *frame, machinery *is_machinery, struct asker *ret)
{
	object *code = attribute(frame, "f_code");
	object *file = attribute(code, "co_filename");
	object *name = attribute(code, "co_name");
	const char *path = text_of(file);
	bool found = path && !is_machinery(path);

	if (found) {
		object *line = attribute(frame, "f_lineno");
		object *at = attribute(frame, "f_lasti");

		source_pos_set(&ret->place, path, (uint64_t)number_of(line),
			       text_of(name));
		ret->frame = frame;
		ret->instruction = number_of(at);
		drop(line);
		drop(at);
	} else if (is_listing(text_of(name))) {
		ret->listing = true;
	}
	drop(name);
	drop(file);
	drop(code);
	return found;
}

static void find_asker(struct asker *ret, machinery *is_machinery)
{
	enum { FRAMES = 40 };
	object *frame = py.PyEval_GetFrame(), *back;

	*ret = (struct asker){.frame = NULL};
	if (frame)
		py.Py_IncRef(frame);
	for (int i = 0; frame && i < FRAMES; i++) {
		if (is_asker(frame, is_machinery, ret))
			break;
		back = attribute(frame, "f_back");
		drop(frame);
		frame = back;
	}
	drop(frame);
}

/* {**os.environ} and dict(os.environ) list the names and then take each, all
 * in one instruction of the asker: that is no read of any of them. */
static __thread struct {
	object *frame;
	long instruction;
	uint64_t line; /* for a new frame may lie where the old one did */
} listed;

static bool is_of_listing(const struct asker *a)
{
	return a->listing || (a->frame && a->frame == listed.frame &&
			      a->instruction == listed.instruction &&
			      a->place.line == listed.line);
}

/* ---- os.environ ---------------------------------------------------------- */

static bool is_watched(object *key, const char **ret_name, size_t *ret_n)
{
	*ret_name = text_of(key);
	if (!*ret_name)
		return false;
	*ret_n = str_length(*ret_name);
	return is_watched_name(*ret_name, *ret_n);
}

static void on_read(const char *name, size_t n, object *value)
{
	struct asker asker;

	find_asker(&asker, is_mapping);
	if (is_of_listing(&asker))
		return;
	record_getenv(
		&(struct getenv_event){.fn = "os.environ",
				       .name = name,
				       .length = n,
				       .value = value ? text_of(value) : NULL,
				       .place = &asker.place});
}

enum { GET, SET, DELETE, ITERATE, METHODS };

static const char *const kept_names[METHODS] = {
	"_keytrail_getitem", "_keytrail_setitem", "_keytrail_delitem",
	"_keytrail_iter"};

/* The methods that ours stand before. They are kept in the class, which is
 * what owns them; here for speed. Every subinterpreter has a class of its own.
 */
enum { CLASSES = 8 };
static struct {
	object *class, *method[METHODS];
} kept[CLASSES];

static object *original(object *self, int which)
{
	object *class = py.PyObject_Type(self), *method = NULL;

	for (size_t i = 0; i < CLASSES && kept[i].class; i++)
		if (kept[i].class == class)
			method = kept[i].method[which];
	if (method)
		py.Py_IncRef(method);
	else
		method = py.PyObject_GetAttrString(class, kept_names[which]);
	drop(class);
	return method;
}

static object *get_item(object *self, object *key)
{
	object *method = original(self, GET), *value;
	const char *name;
	size_t n;
	bool watched = method && is_watched(key, &name, &n);

	if (!method)
		return NULL;
	value = py.PyObject_CallFunctionObjArgs(method, self, key, NULL);
	drop(method);
	if (watched) {
		struct raised raised = set_aside();

		on_read(name, n, value);
		put_back(raised);
	}
	return value;
}

/* Says where a set or delete comes from; libc's own hook tells it. */
static bool announce(object *key)
{
	struct raised raised = set_aside();
	struct asker asker;
	const char *name;
	size_t n;
	bool watched = is_watched(key, &name, &n);

	if (watched) {
		find_asker(&asker, is_mapping);
		*source_pos_current() = asker.place;
	}
	put_back(raised);
	return watched;
}

static object *set_item(object *self, object *args)
{
	object *method = original(self, SET), *done;
	bool announced = false;

	if (!method)
		return NULL;
	if (py.PyTuple_Size(args) == 2)
		announced = announce(py.PyTuple_GetItem(args, 0));
	done = py.PyObject_CallFunctionObjArgs(
		method, self, py.PyTuple_GetItem(args, 0),
		py.PyTuple_GetItem(args, 1), NULL);
	if (announced)
		source_pos_clear();
	drop(method);
	return done;
}

static object *delete_item(object *self, object *key)
{
	object *method = original(self, DELETE), *done;
	bool announced;

	if (!method)
		return NULL;
	announced = announce(key);
	done = py.PyObject_CallFunctionObjArgs(method, self, key, NULL);
	if (announced)
		source_pos_clear();
	drop(method);
	return done;
}

static object *iterate(object *self, object *nothing)
{
	object *method = original(self, ITERATE), *iterator;
	struct raised raised = set_aside();
	struct asker asker;

	(void)nothing;
	find_asker(&asker, is_mapping);
	listed.frame = asker.frame;
	listed.instruction = asker.instruction;
	listed.line = asker.place.line;
	put_back(raised);
	if (!method)
		return NULL;
	iterator = py.PyObject_CallFunctionObjArgs(method, self, NULL);
	drop(method);
	return iterator;
}

static struct method methods[METHODS] = {
	{"__getitem__", get_item, METH_O, NULL},
	{"__setitem__", set_item, METH_VARARGS, NULL},
	{"__delitem__", delete_item, METH_O, NULL},
	{"__iter__", iterate, METH_NOARGS, NULL},
};

/* Puts one of our methods before the class's own; that, borrowed, or NULL. */
static object *wrap(object *class, int which)
{
	const char *name = methods[which].name;
	object *before = attribute(class, name);
	object *ours =
		before ? py.PyDescr_NewMethod(class, &methods[which]) : NULL;

	if (!ours ||
	    py.PyObject_SetAttrString(class, kept_names[which], before) ||
	    py.PyObject_SetAttrString(class, name, ours))
		py.PyErr_Clear();
	drop(ours);
	drop(before); /* the class holds it */
	return before;
}

static void wrap_class(object *class)
{
	size_t place = 0;

	while (place < CLASSES && kept[place].class)
		place++;
	for (int i = 0; i < METHODS; i++) {
		object *before = wrap(class, i);

		if (place < CLASSES)
			kept[place].method[i] = before;
	}
	if (place < CLASSES)
		kept[place].class = class;
}

static __attribute__((noinline)) void record_hears(void)
{
	struct event_line l;

	if (!recorder_enter())
		return;
	event_begin(&l, KT_HEARS, now());
	event_text(&l, "what", "os.environ");
	event_end(&l);
	recorder_leave();
}

static void find_library(object *os)
{
	object *file = attribute(os, "__file__");
	const char *path = text_of(file);
	char *library = globals->python_library;

	library[0] = '\0';
	if (path && str_append(library, sizeof globals->python_library, path))
		library[base_name(path) - path - (base_name(path) > path)] =
			'\0';
	drop(file);
}

static void wrap_environ(void)
{
	object *os = py.PyImport_ImportModule("os");
	object *class = attribute(os, "_Environ");

	if (!os)
		py.PyErr_Clear();
	find_library(os);
	if (class && !py.PyObject_HasAttrString(class, kept_names[GET])) {
		wrap_class(class);
		record_hears();
	}
	drop(class);
	drop(os);
}

/* ---- the audit hook ------------------------------------------------------ */

static void clear(void);

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
	name = text_of(py.PyTuple_GetItem(args, 0));
	return name && str_equal(name, "os");
}

/* Runs for every audited event of every import, open and call: the first
 * letters turn most away. */
static int hear(const char *event, object *args, void *unused)
{
	static __thread bool importing;
	struct raised raised;

	(void)unused;
	if (str_equal(event, "cpython._PySys_ClearAuditHooks")) {
		clear();
		return 0;
	}
	if ((*event != 'i' && *event != 's' && *event != 'o' &&
	     *event != 'p') ||
	    importing)
		return 0;
	raised = set_aside();
	if (is_import_of_os(event, args)) {
		importing = true;
		wrap_environ();
		importing = false;
	} else if (is_launch(event)) {
		struct asker asker;

		find_asker(&asker, is_library);
		*source_pos_current() = asker.place;
	}
	put_back(raised);
	return 0;
}

/* The interpreter takes memory for the hook now, before it has chosen its
 * allocator, and gives it back at the end through the chosen one: under -X dev
 * that aborts. So this one piece comes from here, and is passed over then. */
static _Alignas(16) char entry[64];
static struct allocator before;

static void *give_entry(void *ctx, size_t size)
{
	(void)ctx;
	return size <= sizeof entry ? entry : before.malloc(before.ctx, size);
}

static void *give(void *ctx, size_t size)
{
	(void)ctx;
	return before.malloc(before.ctx, size);
}

static void *give_zeroed(void *ctx, size_t count, size_t size)
{
	(void)ctx;
	return before.calloc(before.ctx, count, size);
}

static void *give_again(void *ctx, void *at, size_t size)
{
	(void)ctx;
	return before.realloc(before.ctx, at, size);
}

static void take_back(void *ctx, void *at)
{
	(void)ctx;
	if (at != entry)
		before.free(before.ctx, at);
}

/* Between an end of the interpreter and its next beginning it is ours still. */
static void find_before(void)
{
	struct allocator now;

	py.PyMem_GetAllocator(RAW_MEMORY, &now);
	if (now.free != take_back)
		before = now;
}

static bool is_set; /* our hook, in the interpreter that `py` is of */

static void clear(void)
{
	struct allocator passing = {NULL, give, give_zeroed, give_again,
				    take_back};

	find_before();
	py.PyMem_SetAllocator(RAW_MEMORY, &passing);
	__builtin_memset(kept, 0, sizeof kept);
	is_set = false;
}

static void set_hook(void)
{
	struct allocator giving = {NULL, give_entry, give_zeroed, give_again,
				   take_back};

	find_before();
	py.PyMem_SetAllocator(RAW_MEMORY, &giving);
	is_set = !py.PySys_AddAuditHook(hear, NULL);
	py.PyMem_SetAllocator(RAW_MEMORY, &before);
}

static const struct wanted wanted[] = {
#define F(name, type, arguments)                                               \
	{#name, offsetof(struct functions, name) / sizeof(void *)},
	FUNCTIONS(F)
#undef F
};

void python_start(void)
{
	elf_anywhere(wanted, 1, (void **)&py);
	if (py.PySys_AddAuditHook &&
	    elf_anywhere(wanted, ARRAY_LENGTH(wanted), (void **)&py))
		set_hook();
}

void python_begins(const void *caller)
{
	static _Atomic uintptr_t plain; /* the last that was not Python */
	struct module module;
	bool whole = true;
	int error;

	if (!globals || is_set ||
	    atomic_load_explicit(&plain, memory_order_relaxed) ==
		    (uintptr_t)caller)
		return;
	if (!elf_module((const char *)caller - 1, &module) ||
	    !elf_in(&module, wanted[0].name)) {
		atomic_store_explicit(&plain, (uintptr_t)caller,
				      memory_order_relaxed);
		return;
	}
	for (size_t i = 0; i < ARRAY_LENGTH(wanted); i++)
		whole &= (((void **)&py)[wanted[i].place] =
				  elf_in(&module, wanted[i].name)) != NULL;
	error = host_errno();
	if (whole)
		set_hook();
	host_set_errno(error);
}
