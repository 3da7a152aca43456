/* Which line of the Python program a call comes from: the innermost frame
 * outside the standard library's own code. */
#ifndef RECORDER_PYTHON_FRAMES_H
#define RECORDER_PYTHON_FRAMES_H

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

/* Notes where the standard library lies: beside the module `os`. */
void python_note_library(object *os);

#endif
