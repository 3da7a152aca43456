#include "recorder/runtimes/v8.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"

enum {
	FRAMES = 32,	/* from a launch down to the program, through Node */
	ALL_OF_IT = 511 /* v8::StackTrace::StackTraceOptions */
};

#define FUNCTIONS(F)                                                           \
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
	F(location, struct location, (local),                                  \
	  "_ZNK2v810StackFrame11GetLocationEv")                                \
	F(text_end, void, (struct v8_text *), "_ZN2v86String9Utf8ValueD1Ev")   \
	F(length, uint32_t, (local), "_ZNK2v85Array6LengthEv")                 \
	F(element, local, (local, local, uint32_t),                            \
	  "_ZN2v86Object3GetENS_5LocalINS_7ContextEEEj")

struct location { /* counted from 0 */
	int line, column;
};

static struct functions {
#define F(name, type, arguments, symbol) type(*name) arguments;
	FUNCTIONS(F)
#undef F
	void (*text)(struct v8_text *, void *isolate, local, int flags);
} v8;

/* Node 24 and later have only the constructor with flags. */
static void *find_text(void)
{
	void *found = elf_symbol("_ZN2v86String9Utf8ValueC1EPNS_7IsolateENS_"
				 "5LocalINS_5ValueEEE");

	return found ? found
		     : elf_symbol("_ZN2v86String9Utf8ValueC1EPNS_7IsolateENS"
				  "_5LocalINS_5ValueEEENS0_12WriteOptionsE");
}

bool v8_find(void)
{
	/* a single text, for the loader relocates each pointer in every program
	 */
	static const char names[] =
#define F(name, type, arguments, symbol) symbol "\0"
		FUNCTIONS(F);
#undef F
	void **found = (void **)&v8;

	for (const char *name = names; *name; name += str_length(name) + 1)
		if (!(*found++ = elf_symbol(name)))
			return false;
	*(void **)&v8.text = find_text();
	return v8.text;
}

void *v8_current(void)
{
	return v8.current();
}

bool v8_runs(void *isolate)
{
	return isolate && isolate == v8.current() && v8.in_context(isolate);
}

void v8_text(void *isolate, local string, struct v8_text *ret)
{
	ret->bytes = NULL;
	if (string)
		v8.text(ret, isolate, string, 0);
}

/* Overwrites the text before V8 frees the memory: the text may be a value. */
void v8_text_end(struct v8_text *t)
{
	if (!t->bytes)
		return;
	__builtin_memset((char *)(uintptr_t)t->bytes, 0, str_length(t->bytes));
	__asm__ volatile("" : : "r"(t->bytes) : "memory");
	v8.text_end(t);
}

uint32_t v8_length(local array)
{
	return v8.length(array);
}

local v8_element(void *isolate, local array, uint32_t i)
{
	return v8.element(array, v8.context(isolate), i);
}

/* ---- frames -------------------------------------------------------------- */

static bool is_of_node(const char *file)
{
	return str_begins(file, "node:");
}

/* An ES module's name is a URL. A URL with escapes is left as a URL. */
static const char *path_of(const char *name)
{
	return str_begins(name, "file:///") && !str_find_char(name, '%')
		       ? name + 7
		       : name;
}

/* False for generated code without a name: the caller's frame is next. A name
 * that is too long leaves *ret empty. */
static __attribute__((noinline)) bool read_frame(void *isolate, local frame,
						 struct source_pos *ret)
{
	local script = v8.script(frame), function = v8.function(frame);
	struct location at = v8.location(frame);
	struct v8_text file, name;
	bool named;

	v8_text(isolate, script, &file);
	v8_text(isolate, function, &name);
	named = file.bytes && *file.bytes && at.line >= 0;
	if (named) {
		source_pos_set(ret, path_of(file.bytes), (uint64_t)at.line + 1,
			       name.bytes);
		ret->column = at.column < 0 ? 0 : (uint64_t)at.column + 1;
	}
	v8_text_end(&name);
	v8_text_end(&file);
	return named;
}

/* True when one of the innermost `most` frames is the program's own. */
static bool look_through(void *isolate, int most, struct source_pos *ret)
{
	local trace = v8.trace(isolate, most, ALL_OF_IT);
	int count = trace ? v8.frame_count(trace) : 0;

	for (int i = 0; i < count; i++) {
		local frame = v8.frame(trace, isolate, (uint32_t)i);

		if (frame && read_frame(isolate, frame, ret) &&
		    !is_of_node(ret->file))
			return true;
	}
	return false;
}

void v8_source_pos(void *isolate, struct source_pos *ret)
{
	struct source_pos innermost;

	source_pos_set(ret, NULL, 0, NULL);
	if (look_through(isolate, 1, ret))
		return;
	innermost = *ret;
	if (!look_through(isolate, FRAMES, ret))
		*ret = innermost;
}
