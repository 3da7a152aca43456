/* Which line of the Python program a call comes from, and who called that
 * line. */
#ifndef RECORDER_PYTHON_FRAMES_H
#define RECORDER_PYTHON_FRAMES_H

#include "recorder/process/callers.h"
#include "recorder/process/raise_event.h"
#include "recorder/process/source_pos.h"
#include "recorder/runtimes/python/python_api.h"

/* Of a call of os.environ. */
struct python_caller {
	/* The innermost frame outside the standard library; else the innermost
	 * outside os.environ's own code. line 0: no such frame. Without the
	 * function, which only a new event needs. */
	struct source_pos place;
	/* The innermost frame outside os.environ's own code: for comparison
	 * only, no reference is held. */
	object *frame;
	uint64_t line;
	const char *file;   /* valid while that frame runs */
	bool is_listing;    /* copy(), items(), values() ...: not a read */
	bool keeps_nothing; /* popitem(), a comparison, a text */
};
void python_find_caller(struct python_caller *ret);
function_finder python_find_function;

/* The innermost running frame outside the standard library, and its callers.
 * Where all frames are the standard library's: the innermost. */
void python_find_place(struct source_pos *ret, struct callers *ret_callers);
callers_finder python_find_callers;

/* The same of an exception's traceback. `is_running`: the frame that caught the
 * exception still runs, so its callers are callers too. */
void python_find_raise(object *traceback, bool is_running,
		       struct source_pos *ret, struct callers *ret_callers);

/* What raised the exception of a traceback: a file of the standard library,
 * "operation" for a part of an expression, or empty for a statement, and where
 * that cannot be known. */
void python_find_raiser(object *traceback, char ret[RAISER]);

/* The file of the standard library that runs innermost; else empty. */
void python_find_running_library(char ret[RAISER]);

/* True when threading or multiprocessing reports, right now, an exception that
 * the program did not catch. */
bool python_is_reporting(void);

/* True when the innermost frame is of this file (its last part) and function.
 */
bool python_is_in(const char *file, const char *function);

/* True for a file of the standard library: between the program and a launch lie
 * subprocess, multiprocessing and asyncio. */
bool python_is_library_code(const char *file);

/* One frame. The texts stay valid as long as the frame does; the line is left
 * as it is. False: not a frame. */
bool python_read_frame(object *frame, struct caller_frame *ret);
uint64_t python_line(object *frame);
long python_instruction(object *frame);
object *python_back(object *frame); /* new; NULL, or not a frame: none */

/* Notes where the standard library lies: beside the module `os`. */
void python_note_library(object *os);

#endif
