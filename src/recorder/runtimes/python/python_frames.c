#include "recorder/runtimes/python/python_frames.h"

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

static const char *text_of(object *frame, const char *attribute)
{
	object *code = code_of(frame);
	object *value = python_attribute(code, attribute);
	const char *text = python_text(value);

	python_release(value);
	python_release(code);
	return text;
}

bool python_read_frame(object *frame, struct caller_frame *ret)
{
	ret->file = text_of(frame, "co_filename");
	ret->function = text_of(frame, "co_name");
	return ret->file;
}

/* ---- the caller of os.environ -------------------------------------------- */

long python_instruction(object *frame)
{
	object *at = python_attribute(frame, "f_lasti");
	long n = python_number(at);

	python_release(at);
	return n;
}

/* Examines one frame; true when the frame is the caller's. Python counts the
 * line of a frame anew at each question. */
static bool is_caller(object *frame, void *found)
{
	struct python_caller *c = found;
	const char *file = text_of(frame, "co_filename");
	uint64_t line;
	bool is_own;

	if (!file)
		return false;
	if (!c->frame && is_mapping_code(file)) {
		note_method(c, text_of(frame, "co_name"));
		return false;
	}
	is_own = !python_is_library_code(file);
	if (c->place.line && !is_own)
		return false;
	line = python_line(frame);
	if (!c->frame) {
		c->frame = frame;
		c->line = line;
		c->file = file;
	}
	source_pos_set(&c->place, file, line, NULL);
	return is_own;
}

static bool is_at(object *frame, void *place)
{
	const char *file = text_of(frame, "co_filename");
	struct source_pos *p = place;

	if (!file || !str_equal(file, p->file) || python_line(frame) != p->line)
		return false;
	source_pos_set(p, file, p->line, text_of(frame, "co_name"));
	return true;
}

/* Walks outwards, until `ends` says true of a frame. */
static void walk(bool (*ends)(object *frame, void *context), void *context)
{
	object *frame = py.PyEval_GetFrame(), *back;

	if (frame)
		py.Py_IncRef(frame);
	for (int i = 0; frame && i < CALLERS_FRAMES; i++) {
		if (ends(frame, context))
			break;
		back = python_back(frame);
		python_release(frame);
		frame = back;
	}
	python_release(frame);
}

void python_find_caller(struct python_caller *ret)
{
	*ret = (struct python_caller){.frame = NULL};
	walk(is_caller, ret);
}

void python_find_function(struct source_pos *place)
{
	if (place->line)
		walk(is_at, place);
}
