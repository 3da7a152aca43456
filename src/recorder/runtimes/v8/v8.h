/* V8 from inside a call that JavaScript made: the text of a string, and the
 * elements of an array. v8_frames.h has the source position of the JavaScript.
 *
 * Ask only within such a call. ICU calls getenv while an isolate is being made,
 * and V8 crashes when asked for frames at that time. The functions are found by
 * their exported C++ names, which are equal in Node 18 to 26. */
#ifndef RECORDER_V8_H
#define RECORDER_V8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void *local; /* v8::Local<T>: one word, NULL when empty */

/* Once. False when this process has no V8, or an unknown V8. */
bool v8_find(void);

/* True when `isolate` is this thread's, and is running a program. */
bool v8_runs(void *isolate);
void *v8_current(void); /* this thread's isolate, or NULL */

/* A string as UTF-8, in memory of V8's until v8_text_end. `string` may be
 * empty. */
struct v8_text {
	const char *bytes; /* terminated; NULL when not a string */
	uint64_t room[31]; /* v8::String::Utf8Value, with room to grow */
};
void v8_text(void *isolate, local string, struct v8_text *ret);
void v8_text_end(struct v8_text *);

/* In units of UTF-16. */
int v8_text_length(local string);

/* An array's elements. */
uint32_t v8_length(local array);
local v8_element(void *isolate, local array, uint32_t i);

#endif
