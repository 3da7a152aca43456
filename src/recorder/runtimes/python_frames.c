#include "recorder/runtimes/python_frames.h"

#include "recorder/lib/str.h"
#include "recorder/recorder.h"

/* Code between the program and os.environ's methods. */
static bool is_mapping_code(const char *file)
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

/* Methods of a mapping that list the names; of the last four, nobody keeps the
 * values. */
static void note_method(struct python_caller *c, const char *function)
{
	static const char names[][13] = {"__iter__", "copy",	    "items",
					 "values",   "keys",	    "__or__",
					 "__ror__",  "__eq__",	    "__repr__",
					 "popitem",  "__contains__"};
	enum { LISTING = 10, KEEPING = 7 };

	for (size_t i = 0; function && i < ARRAY_LENGTH(names); i++)
		if (str_equal(function, names[i])) {
			c->is_listing |= i < LISTING;
			c->keeps_nothing |= i >= KEEPING;
		}
}

/* ---- one frame ----------------------------------------------------------- */

static object *code_of(object *frame)
{
	return py.PyFrame_GetCode ? py.PyFrame_GetCode(frame)
				  : python_attribute(frame, "f_code");
}

object *python_back(object *frame)
{
	return py.PyFrame_GetBack ? py.PyFrame_GetBack(frame)
				  : python_attribute(frame, "f_back");
}

uint64_t python_line(object *frame)
{
	object *line;
	uint64_t n;

	if (py.PyFrame_GetLineNumber)
		return (uint64_t)py.PyFrame_GetLineNumber(frame);
	line = python_attribute(frame, "f_lineno");
	n = (uint64_t)python_number(line);
	python_release(line);
	return n;
}

bool python_read_frame(object *frame, struct caller_frame *ret)
{
	object *code = code_of(frame);
	object *file = python_attribute(code, "co_filename");
	object *name = python_attribute(code, "co_name");

	ret->file = python_text(file);
	ret->function = python_text(name);
	python_release(name);
	python_release(file);
	python_release(code);
	return ret->file;
}

/* ---- the caller of os.environ -------------------------------------------- */

static void note_instruction(struct python_caller *c, object *frame)
{
	object *at = python_attribute(frame, "f_lasti");

	c->frame = frame;
	c->instruction = python_number(at);
	c->line = python_line(frame);
	python_release(at);
}

/* Examines one frame; true when the frame is the caller's. */
static bool is_caller(object *frame, struct python_caller *c)
{
	struct caller_frame f;
	bool is_own;

	if (!python_read_frame(frame, &f))
		return false;
	if (!c->frame && is_mapping_code(f.file)) {
		note_method(c, f.function);
		return false;
	}
	is_own = !python_is_library_code(f.file);
	if (!c->frame) {
		note_instruction(c, frame);
		c->file = f.file;
	}
	if (is_own || !c->place.line)
		source_pos_set(&c->place, f.file, python_line(frame),
			       f.function);
	return is_own;
}

void python_find_caller(struct python_caller *ret)
{
	object *frame = py.PyEval_GetFrame(), *back;

	*ret = (struct python_caller){.frame = NULL};
	if (frame)
		py.Py_IncRef(frame);
	for (int i = 0; frame && i < CALLERS_FRAMES; i++) {
		if (is_caller(frame, ret))
			break;
		back = python_back(frame);
		python_release(frame);
		frame = back;
	}
	python_release(frame);
}
