#include "recorder/runtimes/python/python_environ.h"

#include "recorder/lib/str.h"
#include "recorder/process/getenv_event.h"
#include "recorder/process/language_copy.h"
#include "recorder/runtimes/observed_event.h"
#include "recorder/runtimes/python/python_copy.h"
#include "recorder/runtimes/python/python_frames.h"
#include "recorder/secrets/watched_names.h"

/* The caller's last listing. {**os.environ} and dict(os.environ) list the
 * names and then get each variable, all within one instruction of the caller:
 * no such get is a read. */
static __thread struct {
	object *frame;
	long instruction;
	bool is_pending; /* no value was taken since */
	uint64_t line; /* a new frame may lie at the address of an old frame */
} listed;

static bool is_of_listing(const struct python_caller *c)
{
	return c->is_listing ||
	       (c->frame && c->frame == listed.frame &&
		c->line == listed.line &&
		python_instruction(c->frame) == listed.instruction);
}

static void on_listing(void)
{
	struct python_exception exception = python_take_exception();
	struct python_caller caller;

	python_find_caller(&caller);
	listed.frame = caller.frame;
	listed.instruction =
		caller.frame ? python_instruction(caller.frame) : 0;
	listed.line = caller.line;
	listed.is_pending = true;
	python_on_listing(&caller);
	python_restore_exception(exception);
}

static bool is_watched(object *key, const char **ret_name, size_t *ret_n)
{
	*ret_name = python_text(key);
	*ret_n = *ret_name ? str_length(*ret_name) : 0;
	return *ret_name && is_watched_name(*ret_name, *ret_n);
}

/* The first value after a listing tells a copy from a look at the names. */
static void on_get(const char *name, size_t n, object *value, bool is_read)
{
	struct python_exception exception = python_take_exception();
	struct python_caller caller;
	bool is_listed;

	python_find_caller(&caller);
	is_listed = is_of_listing(&caller);
	if (listed.is_pending && is_listed)
		python_on_copy(&caller);
	listed.is_pending = false;
	if (is_read && !is_listed)
		record_getenv(&(struct getenv_event){
			.fn = "os.environ",
			.name = name,
			.length = n,
			.value = value ? python_text(value) : NULL,
			.place = &caller.place,
			.is_of_copy = true,
			.find_function = python_find_function,
			.find_callers = python_find_callers});
	python_restore_exception(exception);
}

/* Leaves the line of a set or delete for libc's hook. True when the current
 * position was set, and must be cleared after the call. */
static bool set_source_pos(object *key)
{
	struct python_exception exception = python_take_exception();
	struct python_caller caller;
	const char *name;
	size_t n;
	bool watched = is_watched(key, &name, &n);

	if (watched) {
		python_find_caller(&caller);
		python_find_function(&caller.place);
		*source_pos_current() = caller.place;
		source_pos_find_callers_by(python_find_callers);
	}
	python_restore_exception(exception);
	return watched;
}

/* ---- the class's own methods --------------------------------------------- */

enum { GET, SET, DELETE, ITERATE, METHODS };

static const char *const original_names[METHODS] = {
	"_keytrail_getitem", "_keytrail_setitem", "_keytrail_delitem",
	"_keytrail_iter"};

/* The original methods of each class, for speed; the class itself owns the
 * references. Every subinterpreter has a class of its own. */
enum { CLASSES = 8 };
static struct {
	object *class, *method[METHODS];
} originals[CLASSES];

void python_environ_forget(void)
{
	__builtin_memset(originals, 0, sizeof originals);
	language_copy_end();
}

bool python_environ_is_wrapped(void)
{
	return originals[0].class;
}

bool python_is_environ(object *o)
{
	object *class = py.PyObject_Type(o);
	bool found = false;

	for (size_t i = 0; i < CLASSES && originals[i].class; i++)
		found |= originals[i].class == class;
	python_release(class);
	return found;
}

static object *original(object *self, int which)
{
	object *class = py.PyObject_Type(self), *method = NULL;

	for (size_t i = 0; i < CLASSES && originals[i].class; i++)
		if (originals[i].class == class)
			method = originals[i].method[which];
	if (method)
		py.Py_IncRef(method);
	else
		method =
			py.PyObject_GetAttrString(class, original_names[which]);
	python_release(class);
	return method;
}

/* ---- the wrappers -------------------------------------------------------- */

static object *get_item(object *self, object *key)
{
	object *method = original(self, GET), *value;
	const char *name;
	size_t n;
	bool watched = method && is_watched(key, &name, &n);

	if (!method)
		return NULL;
	value = py.PyObject_CallFunctionObjArgs(method, self, key, NULL);
	python_release(method);
	if (watched || listed.is_pending)
		on_get(name, n, value, watched);
	return value;
}

/* Calls a method that changes the environment, and takes over the reference to
 * `method`. `value` NULL: the method takes none. */
static object *change(object *method, object *self, object *key, object *value,
		      bool has_pos)
{
	object *done;

	language_copy_change_begin();
	done = py.PyObject_CallFunctionObjArgs(method, self, key, value, NULL);
	language_copy_change_end();
	if (has_pos)
		source_pos_clear();
	python_release(method);
	return done;
}

static object *set_item(object *self, object *args)
{
	object *method = original(self, SET);
	bool has_pos = false;

	if (!method)
		return NULL;
	if (py.PyTuple_Size(args) == 2)
		has_pos = set_source_pos(py.PyTuple_GetItem(args, 0));
	return change(method, self, py.PyTuple_GetItem(args, 0),
		      py.PyTuple_GetItem(args, 1), has_pos);
}

static object *delete_item(object *self, object *key)
{
	object *method = original(self, DELETE);

	return method ? change(method, self, key, NULL, set_source_pos(key))
		      : NULL;
}

static object *iterate(object *self, object *nothing)
{
	object *method = original(self, ITERATE), *iterator;

	(void)nothing;
	on_listing();
	if (!method)
		return NULL;
	iterator = py.PyObject_CallFunctionObjArgs(method, self, NULL);
	python_release(method);
	return iterator;
}

/* Python makes the signature for inspect from the first line of the text, and
 * of the rest, which is empty, the documentation: None, as in the original. */
static struct method wrappers[METHODS] = {
	{"__getitem__", get_item, METH_O, "__getitem__($self, key)\n--\n\n"},
	{"__setitem__", set_item, METH_VARARGS,
	 "__setitem__($self, key, value)\n--\n\n"},
	{"__delitem__", delete_item, METH_O, "__delitem__($self, key)\n--\n\n"},
	{"__iter__", iterate, METH_NOARGS, "__iter__($self)\n--\n\n"},
};

/* ---- wrapping ------------------------------------------------------------ */

/* Replaces one method of the class. Returns the original, borrowed, or NULL. */
static object *wrap(object *class, int which)
{
	const char *name = wrappers[which].name;
	object *before = python_attribute(class, name);
	object *ours =
		before ? py.PyDescr_NewMethod(class, &wrappers[which]) : NULL;

	if (!ours ||
	    py.PyObject_SetAttrString(class, original_names[which], before) ||
	    py.PyObject_SetAttrString(class, name, ours))
		py.PyErr_Clear();
	python_release(ours);
	python_release(before); /* the class holds a reference */
	return before;
}

static void wrap_class(object *class)
{
	size_t place = 0;

	while (place < CLASSES && originals[place].class)
		place++;
	for (int i = 0; i < METHODS; i++) {
		object *before = wrap(class, i);

		if (place < CLASSES)
			originals[place].method[i] = before;
	}
	if (place < CLASSES)
		originals[place].class = class;
}

void python_environ_wrap(void)
{
	object *os = py.PyImport_ImportModule("os");
	object *class = python_attribute(os, "_Environ");

	if (!os)
		py.PyErr_Clear();
	python_note_library(os);
	if (class && !py.PyObject_HasAttrString(class, original_names[GET])) {
		wrap_class(class);
		record_hears("os.environ");
		language_copy_begin();
	}
	python_release(class);
	python_release(os);
}
