/* V8's exported C++ functions, found in the running process by name: building
 * needs no header of V8, and a process without Node pays nothing. The names are
 * the same in Node 18 to 26. */
#ifndef RECORDER_V8_FUNCTIONS_H
#define RECORDER_V8_FUNCTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "recorder/runtimes/v8/v8.h"

struct v8_location { /* counted from 0 */
	int line, column;
};

struct v8_maybe_int { /* v8::Maybe<int> */
	bool has;
	int value;
};

#define V8_FUNCTIONS(F)                                                        \
	F(current, void *, (void), "_ZN2v87Isolate13TryGetCurrentEv")          \
	F(in_context, bool, (void *), "_ZN2v87Isolate9InContextEv")            \
	F(context, local, (void *), "_ZN2v87Isolate17GetCurrentContextEv")     \
	F(trace, local, (void *, int, int),                                    \
	  "_ZN2v810StackTrace17CurrentStackTraceEPNS_7IsolateEiNS0_"           \
	  "17StackTraceOptionsE")                                              \
	F(frame_count, int, (local), "_ZNK2v810StackTrace13GetFrameCountEv")   \
	F(frame, local, (local, void *, uint32_t),                             \
	  "_ZNK2v810StackTrace8GetFrameEPNS_7IsolateEj")                       \
	F(script, local, (local),                                              \
	  "_ZNK2v810StackFrame24GetScriptNameOrSourceURLEv")                   \
	F(function, local, (local), "_ZNK2v810StackFrame15GetFunctionNameEv")  \
	F(location, struct v8_location, (local),                               \
	  "_ZNK2v810StackFrame11GetLocationEv")                                \
	F(text_end, void, (struct v8_text *), "_ZN2v86String9Utf8ValueD1Ev")   \
	F(length, uint32_t, (local), "_ZNK2v85Array6LengthEv")                 \
	F(text_length, int, (local), "_ZNK2v86String6LengthEv")                \
	F(element, local, (local, local, uint32_t),                            \
	  "_ZN2v86Object3GetENS_5LocalINS_7ContextEEEj")

/* Rows for lists of other files. */
#define V8_TEXT(F)                                                             \
	F(text, local, (void *, const char *, int, int),                       \
	  "_ZN2v86String11NewFromUtf8EPNS_7IsolateEPKcNS_13NewStringTypeEi")
#define V8_GET(F)                                                              \
	F(get, local, (local, local, local),                                   \
	  "_ZN2v86Object3GetENS_5LocalINS_7ContextEEENS1_INS_5ValueEEE")
#define V8_TYPE_OF(F)                                                          \
	F(type_of, local, (local, void *), "_ZN2v85Value6TypeOfEPNS_7IsolateE")
#define V8_IS_OBJECT(F) F(is_object, bool, (local), "_ZNK2v85Value8IsObjectEv")
#define V8_IS_FUNCTION(F)                                                      \
	F(is_function, bool, (local), "_ZNK2v85Value10IsFunctionEv")

struct v8_functions {
	V8_FUNCTIONS(ELF_FUNCTION)
	void (*text)(struct v8_text *, void *isolate, local, int flags);
};
extern struct v8_functions v8 __attribute__((visibility("hidden")));

#endif
