/* Which line of the Python program a call comes from, and who called that
 * line. */
#ifndef RECORDER_PYTHON_FRAMES_H
#define RECORDER_PYTHON_FRAMES_H

#include "recorder/process/callers.h"
#include "recorder/process/source_pos.h"
#include "recorder/runtimes/python_api.h"

struct python_caller {
	struct source_pos place; /* line 0: no such frame */
	object *frame;		 /* for comparison only: no reference is held */
	long instruction;
	bool is_listing; /* copy(), items(), values() ...: not a read */
};

/* Walks outward, past the frames whose file `is_skipped` accepts. */
typedef bool python_file_test(const char *file);
void python_find_caller(struct python_caller *ret,
			python_file_test *is_skipped);

/* Code between the program and os.environ's methods. */
python_file_test python_is_mapping_code;

/* Code between the program and a launch: subprocess, multiprocessing, asyncio
 * and everything else of the standard library. */
python_file_test python_is_library_code;

/* The innermost running frame outside the standard library, and its callers.
 * Where all frames are the standard library's: the innermost. */
void python_find_place(struct source_pos *ret, struct callers *ret_callers);

/* The same of an exception's traceback. `is_running`: the frame that caught the
 * exception still runs, so its callers are callers too. */
void python_find_raise(object *traceback, bool is_running,
		       struct source_pos *ret, struct callers *ret_callers);

/* True when the innermost frame is of this file (its last part) and function.
 */
bool python_is_in(const char *file, const char *function);

/* Notes where the standard library lies: beside the module `os`. */
void python_note_library(object *os);

#endif
