#include "recorder/runtimes/python_frames.h"

#include "recorder/lib/str.h"
#include "recorder/recorder.h"

bool python_is_mapping_code(const char *file)
{
	const char *name = base_name(file);

	return str_equal(name, "os.py") ||
	       str_equal(name, "_collections_abc.py") ||
	       str_equal(file, "<frozen os>") ||
	       str_equal(file, "<frozen _collections_abc>");
}

bool python_is_library_code(const char *file)
{
	const char *library = globals->python_library;
	size_t n = str_length(library);

	if (str_begins(file, "<frozen "))
		return true;
	return n && str_begins(file, library) && file[n] == '/' &&
	       !str_begins(file + n, "/site-packages/") &&
	       !str_begins(file + n, "/dist-packages/");
}

void python_note_library(object *os)
{
	object *file = python_attribute(os, "__file__");
	const char *path = python_text(file);
	char *library = globals->python_library;

	library[0] = '\0';
	if (path && str_append(library, sizeof globals->python_library, path))
		library[base_name(path) - path - (base_name(path) > path)] =
			'\0';
	python_release(file);
}

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

/* Examines one frame; true when the frame is the caller's. */
static bool is_caller(object *frame, python_file_test *is_skipped,
		      struct python_caller *ret)
{
	object *code = python_attribute(frame, "f_code");
	object *file = python_attribute(code, "co_filename");
	object *name = python_attribute(code, "co_name");
	const char *path = python_text(file);
	bool found = path && !is_skipped(path);

	if (found) {
		object *line = python_attribute(frame, "f_lineno");
		object *at = python_attribute(frame, "f_lasti");

		source_pos_set(&ret->place, path, (uint64_t)python_number(line),
			       python_text(name));
		ret->frame = frame;
		ret->instruction = python_number(at);
		python_release(line);
		python_release(at);
	} else if (is_listing(python_text(name))) {
		ret->is_listing = true;
	}
	python_release(name);
	python_release(file);
	python_release(code);
	return found;
}

void python_find_caller(struct python_caller *ret, python_file_test *is_skipped)
{
	enum { FRAMES = 40 };
	object *frame = py.PyEval_GetFrame(), *back;

	*ret = (struct python_caller){.frame = NULL};
	if (frame)
		py.Py_IncRef(frame);
	for (int i = 0; frame && i < FRAMES; i++) {
		if (is_caller(frame, is_skipped, ret))
			break;
		back = python_attribute(frame, "f_back");
		python_release(frame);
		frame = back;
	}
	python_release(frame);
}
