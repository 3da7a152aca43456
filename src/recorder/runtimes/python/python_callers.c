/* Frames, from the place of an event outward: of the running code, and of a
 * traceback. */
#include "recorder/lib/str.h"
#include "recorder/process/place_walk.h"
#include "recorder/runtimes/python/python_frames.h"

static bool add(struct place_walk *w, const struct caller_frame *f)
{
	return place_walk_add(w, f, python_is_library_code(f->file));
}

/* ---- running frames ------------------------------------------------------ */

/* Imports add five frames of importlib each: those do not count. */
static bool is_counted(const char *file)
{
	return !str_begins(file, "<frozen importlib");
}

/* Takes over the reference to `frame`. */
static void add_running(struct place_walk *w, object *frame)
{
	enum { FRAMES_IN_ALL = 4 * CALLERS_FRAMES };
	int counted = 0;

	for (int i = 0; frame && i < FRAMES_IN_ALL; i++) {
		struct caller_frame f;
		bool is_more = python_read_frame(frame, &f);
		object *back;

		if (is_more) {
			f.line = python_is_library_code(f.file) && w->is_found
					 ? 0
					 : python_line(frame);
			counted += is_counted(f.file);
			is_more = add(w, &f) && counted < CALLERS_FRAMES;
		}
		back = is_more ? python_back(frame) : NULL;
		python_release(frame);
		frame = back;
	}
	python_release(frame);
}

void python_find_place(struct source_pos *ret, struct callers *ret_callers)
{
	object *frame = py.PyEval_GetFrame();
	struct place_walk w;

	place_walk_begin(&w, ret, ret_callers);
	if (frame)
		py.Py_IncRef(frame);
	add_running(&w, frame);
	place_walk_end(&w);
}

void python_find_callers(struct callers *ret)
{
	struct source_pos place;

	python_find_place(&place, ret);
}

bool python_is_in(const char *file, const char *function)
{
	object *frame = py.PyEval_GetFrame();
	struct caller_frame f;

	return frame && python_read_frame(frame, &f) && f.function &&
	       str_equal(f.function, function) &&
	       str_equal(base_name(f.file), file);
}

static bool is_reporter(const struct caller_frame *f)
{
	const char *file = base_name(f->file);

	if (!f->function)
		return false;
	if (str_equal(file, "threading.py"))
		return str_equal(f->function, "_bootstrap_inner") ||
		       str_equal(f->function, "invoke_excepthook");
	return str_equal(file, "process.py") &&
	       str_equal(f->function, "_bootstrap");
}

bool python_is_reporting(void)
{
	enum { PRINTING = 24 }; /* frames of traceback and linecache between */
	object *frame = py.PyEval_GetFrame(), *back;
	bool is_found = false;

	if (frame)
		py.Py_IncRef(frame);
	for (int i = 0; frame && !is_found && i < PRINTING; i++) {
		struct caller_frame f;
		bool is_library = python_read_frame(frame, &f) &&
				  python_is_library_code(f.file);

		is_found = is_library && is_reporter(&f);
		back = is_library && !is_found ? python_back(frame) : NULL;
		python_release(frame);
		frame = back;
	}
	python_release(frame);
	return is_found;
}

/* ---- tracebacks ---------------------------------------------------------- */

/* The last entries of a traceback, which begins with the outermost. Each entry
 * is kept alive by the one before. */
struct entries {
	object *at[CALLERS_FRAMES];
	size_t total;
};

static void collect(struct entries *e, object *traceback)
{
	py.Py_IncRef(traceback);
	for (e->total = 0; traceback && traceback != py._Py_NoneStruct;) {
		object *next = python_attribute(traceback, "tb_next");

		e->at[e->total++ % CALLERS_FRAMES] = traceback;
		python_release(traceback);
		traceback = next;
	}
	python_release(traceback);
}

/* A frame that an exception has left has another line by now. */
static bool add_entry(struct place_walk *w, object *traceback)
{
	object *frame = python_attribute(traceback, "tb_frame");
	object *line = python_attribute(traceback, "tb_lineno");
	struct caller_frame f;
	bool is_more = true;

	if (frame && python_read_frame(frame, &f)) {
		f.line = (uint64_t)python_number(line);
		is_more = add(w, &f);
	}
	python_release(line);
	python_release(frame);
	return is_more;
}

static void add_callers_of(struct place_walk *w, object *traceback)
{
	object *frame = python_attribute(traceback, "tb_frame");

	if (frame)
		add_running(w, python_back(frame));
	python_release(frame);
}

/* The number of the instruction RAISE_VARARGS; -1 where it is not known. */
static int raise_instruction(void)
{
	long version =
		py.PySys_GetObject
			? python_number(py.PySys_GetObject("hexversion")) >> 16
			: 0;

	if (version >= 0x308 && version <= 0x30c)
		return 130;
	return version == 0x30d ? 101 : -1;
}

static bool is_statement(object *code, object *at)
{
	object *bytes = python_attribute(code, "co_code");
	const char *text = python_text(bytes);
	int wanted = raise_instruction();
	bool is_raise = !text || wanted < 0 ||
			(unsigned char)text[python_number(at)] == wanted;

	python_release(bytes);
	return is_raise;
}

static void take_library(const char *file, char ret[RAISER])
{
	if (python_is_library_code(file))
		str_append(ret, RAISER, base_name(file));
}

static void find_raiser(object *traceback, char ret[RAISER])
{
	object *frame = python_attribute(traceback, "tb_frame");
	object *code = python_attribute(frame, "f_code");
	object *at = python_attribute(traceback, "tb_lasti");
	struct caller_frame f;

	if (frame && code && at && python_read_frame(frame, &f)) {
		take_library(f.file, ret);
		if (!*ret && !is_statement(code, at))
			str_append(ret, RAISER, "operation");
	}
	python_release(at);
	python_release(code);
	python_release(frame);
}

void python_find_raiser(object *traceback, char ret[RAISER])
{
	struct entries e = {.total = 0};

	ret[0] = '\0';
	if (traceback && py._Py_NoneStruct)
		collect(&e, traceback);
	if (e.total)
		find_raiser(e.at[(e.total - 1) % CALLERS_FRAMES], ret);
}

void python_find_running_library(char ret[RAISER])
{
	object *frame = py.PyEval_GetFrame();
	struct caller_frame f;

	ret[0] = '\0';
	if (frame && python_read_frame(frame, &f))
		take_library(f.file, ret);
}

void python_find_raise(object *traceback, bool is_running,
		       struct source_pos *ret, struct callers *ret_callers)
{
	struct entries e = {.total = 0};
	struct place_walk w;
	size_t i, last;

	place_walk_begin(&w, ret, ret_callers);
	if (traceback && py._Py_NoneStruct)
		collect(&e, traceback);
	last = e.total > CALLERS_FRAMES ? e.total - CALLERS_FRAMES : 0;
	for (i = e.total; i > last; i--)
		if (!add_entry(&w, e.at[(i - 1) % CALLERS_FRAMES]))
			break;
	if (is_running && e.total && i == last)
		add_callers_of(&w, traceback);
	place_walk_end(&w);
}
