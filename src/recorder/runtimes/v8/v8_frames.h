/* The source position of the JavaScript that runs in this thread. Ask only
 * inside a call that JavaScript made, as for all of v8.h. */
#ifndef RECORDER_V8_FRAMES_H
#define RECORDER_V8_FRAMES_H

#include <stdbool.h>

#include "recorder/process/callers.h"
#include "recorder/process/source_pos.h"
#include "recorder/runtimes/v8/v8.h"

/* The innermost frame outside Node's own code; the innermost frame when all are
 * Node's. Line 0 when no JavaScript is running. */
enum v8_whose {
	V8_OF_NODE,	/* every frame is Node's own, or no frame has a name */
	V8_BEHIND_NODE, /* a frame of the program, called Node's own code */
	V8_OF_PROGRAM	/* the innermost frame is of the program */
};
enum v8_whose v8_source_pos(void *isolate, struct source_pos *ret);

/* Puts the place in the source in the place of `pos`, which v8_source_pos()
 * told within the same call: v8_source_map.h. */
void v8_map_source_pos(void *isolate, bool is_important,
		       struct source_pos *pos);

/* The callers of the frame that v8_source_pos() answers: none for a frame of
 * Node. */
void v8_callers(void *isolate, struct callers *ret);

/* The file of the innermost frame with a name, "" for none; cut when it is too
 * long. V8 is asked for no line. */
void v8_innermost_file(void *isolate, char ret[SOURCE_POS_FILE]);

/* Does any function of the program run? */
bool v8_runs_program(void *isolate);

/* Is a script of this name part of Node itself? */
bool v8_is_of_node(const char *file);

/* An ES module's name is a URL. A URL with escapes is left as a URL. */
const char *v8_path_of(const char *script);

#endif
