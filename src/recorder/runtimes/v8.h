/* What V8 can be asked from inside a call that JavaScript made: where that
 * JavaScript is, and what a string of it says.
 *
 * Only such a call may ask. ICU calls getenv while an isolate is being made,
 * and V8 crashes when it is asked for frames there. V8 is found by its exported
 * C++ names; they are the same in Node 18 to 26. */
#ifndef RECORDER_V8_H
#define RECORDER_V8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/process/source_pos.h"

typedef void *local; /* v8::Local<T>: one word, NULL when it is empty */

/* Once. False when this process has no V8, or one that we do not know. */
bool v8_find(void);

/* Is `isolate` this thread's, in the middle of some program? */
bool v8_runs(void *isolate);
void *v8_current(void); /* this thread's isolate, or NULL */

/* The innermost frame that is not of Node itself, or, where it has none, the
 * innermost. Its line is 0 when no JavaScript is running. */
void v8_source_pos(void *isolate, struct source_pos *ret);

/* A string as UTF-8, in memory of V8's own until v8_text_end. `string` may be
 * empty. */
struct v8_text {
	const char *bytes; /* terminated; NULL when it is no string */
	uint64_t room[31]; /* v8::String::Utf8Value, whatever it grows to */
};
void v8_text(void *isolate, local string, struct v8_text *ret);
void v8_text_end(struct v8_text *);

/* An array's elements. */
uint32_t v8_length(local array);
local v8_element(void *isolate, local array, uint32_t i);

#endif
