#include "recorder/runtimes/python/python_raise.h"

#include "recorder/lib/str.h"
#include "recorder/process/credential_words.h"
#include "recorder/process/raise_event.h"
#include "recorder/runtimes/python/python_differ.h"
#include "recorder/runtimes/python/python_frames.h"
#include "recorder/runtimes/python/python_settings_error.h"

enum { NAME_BYTES = 128 };

/* descriptor.__get__(of), for a descriptor that a C type keeps in its
 * __dict__: no code of the program is run, whatever `of` defines. New, or NULL.
 */
static object *get_by(object *type, const char *descriptor, object *of)
{
	object *dict = python_attribute(type, "__dict__");
	object *found =
		dict ? py.PyMapping_GetItemString(dict, descriptor) : NULL;
	object *get = python_attribute(found, "__get__");
	object *value =
		get ? py.PyObject_CallFunctionObjArgs(get, of, NULL) : NULL;

	if (!value)
		py.PyErr_Clear();
	python_release(get);
	python_release(found);
	python_release(dict);
	return value;
}

/* A name of the class, by the getters of `type` itself: a metaclass may define
 * properties of these names. */
static void name_of(object *class, const char *which, char to[NAME_BYTES])
{
	object *value = get_by(py.PyType_Type, which, class);
	const char *text = python_text(value);

	to[0] = '\0';
	if (text)
		str_append(to, NAME_BYTES, text);
	python_release(value);
}

/* The first of the arguments that the error was made with, by the getter of
 * BaseException itself: `args` of a class may be a property of the program. */
static void read_message(object *value, struct raise_event *ret,
			 struct missing_names *missing)
{
	object *base = py.PyExc_BaseException ? *py.PyExc_BaseException : NULL;
	object *args = base && value ? get_by(base, "args", value) : NULL;
	const char *text = NULL;

	if (args && py.PyTuple_Size(args) > 0)
		text = python_text(py.PyTuple_GetItem(args, 0));
	ret->is_about_credential = speaks_of_credential_text(text);
	missing_names_find(missing, text);
	ret->missing = missing;
	py.PyErr_Clear();
	python_release(args);
}

enum how { UNCAUGHT, HANDLED, PRINTED };

/* The texts of an error_name. */
struct name_text {
	char module[NAME_BYTES], type[NAME_BYTES];
};

/* `class` may be NULL: type NULL. */
static struct error_name read_name(object *class, struct name_text *text)
{
	bool is_builtin;

	text->type[0] = text->module[0] = '\0';
	if (class) {
		name_of(class, "__qualname__", text->type);
		name_of(class, "__module__", text->module);
	}
	is_builtin = !text->module[0] || str_equal(text->module, "builtins");
	return (struct error_name){.module = is_builtin ? NULL : text->module,
				   .type = text->type[0] ? text->type : NULL};
}

/* The class of an error that another error keeps, by the getters of
 * BaseException itself. New, or NULL. */
static object *class_of(object *value, const char *which)
{
	object *base = py.PyExc_BaseException ? *py.PyExc_BaseException : NULL;
	object *error = base && value ? get_by(base, which, value) : NULL;
	object *class = error && error != py._Py_NoneStruct
				? py.PyObject_Type(error)
				: NULL;

	python_release(error);
	return class;
}

/* `raise ... from None`, or from another error. */
static bool hides_context(object *value)
{
	object *base = py.PyExc_BaseException ? *py.PyExc_BaseException : NULL;
	object *flag = base && value
			       ? get_by(base, "__suppress_context__", value)
			       : NULL;
	bool answer = !flag || python_number(flag);

	python_release(flag);
	return answer;
}

static void record(object *class, object *value, struct raise_event *e,
		   struct missing_names *missing)
{
	struct name_text text, cause_text;
	struct error_name name = read_name(class, &text);
	object *cause = class_of(value, "__cause__");
	bool is_context = !cause && !hides_context(value);

	if (is_context)
		cause = class_of(value, "__context__");
	e->module = name.module;
	e->type = name.type;
	e->cause = read_name(cause, &cause_text);
	e->is_context = is_context;
	read_message(value, e, missing);
	if (name.type)
		record_raise(e);
	python_release(cause);
}

/* A program that cannot be compiled has no frame: the error names the line. */
static void find_syntax_error(object *class, object *value,
			      struct source_pos *ret)
{
	object *base = py.PyExc_SyntaxError ? *py.PyExc_SyntaxError : NULL;
	object *of_value = value ? py.PyObject_Type(value) : NULL;
	object *file, *line;

	python_release(of_value);
	if (!base || class != base || of_value != base)
		return;
	file = get_by(base, "filename", value);
	line = get_by(base, "lineno", value);
	source_pos_set(ret, python_text(file), (uint64_t)python_number(line),
		       NULL);
	python_release(line);
	python_release(file);
}

/* `value` may be NULL. */
static void find_and_record(object *class, object *value, object *traceback,
			    enum how how)
{
	struct source_pos place;
	struct callers callers;
	struct missing_names missing = {""};
	char by[RAISER];

	if (!py.PyType_Type || !py.PyMapping_GetItemString)
		return;
	python_find_raise(traceback, how == HANDLED, &place, &callers);
	python_find_raiser(traceback, by);
	if (!place.line)
		find_syntax_error(class, value, &place);
	if (how == UNCAUGHT && python_is_environ_replaced())
		python_compare(&place, &callers);
	python_find_missing_settings(class, value, traceback, &missing);
	record(class, value,
	       &(struct raise_event){.place = &place,
				     .callers = &callers,
				     .by = by,
				     .is_handled = how == HANDLED,
				     .is_once = how == PRINTED},
	       &missing);
}

void python_record_uncaught(object *args)
{
	enum { HOOK, CLASS, VALUE, TRACEBACK, COUNT };

	if (py.PyTuple_Size(args) == COUNT)
		find_and_record(py.PyTuple_GetItem(args, CLASS),
				py.PyTuple_GetItem(args, VALUE),
				py.PyTuple_GetItem(args, TRACEBACK), UNCAUGHT);
}

/* The exception that an `except` block of this thread handles now. */
static void record_in_handler(enum how how)
{
	object *class = NULL, *value = NULL, *traceback = NULL;

	py.PyErr_GetExcInfo(&class, &value, &traceback);
	if (class && class != py._Py_NoneStruct &&
	    (how == HANDLED || python_is_reporting()))
		find_and_record(class, value, traceback, how);
	python_release(class);
	python_release(value);
	python_release(traceback);
}

void python_record_handled(void)
{
	if (py.PyErr_GetExcInfo)
		record_in_handler(HANDLED);
}

void python_record_printed(void)
{
	if (py.PyErr_GetExcInfo)
		record_in_handler(PRINTED);
}
