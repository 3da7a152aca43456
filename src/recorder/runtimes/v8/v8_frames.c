#include "recorder/runtimes/v8/v8_frames.h"

#include "recorder/lib/str.h"
#include "recorder/runtimes/v8/v8_functions.h"
#include "recorder/runtimes/v8/v8_source_map.h"

enum {
	FRAMES = 32,	/* from a launch down to the program, through Node */
	ALL_OF_IT = 511 /* v8::StackTrace::StackTraceOptions */
};

struct stack {
	void *isolate;
	local trace;
	uint32_t count;
	uint32_t innermost, of_program; /* `count`: no such frame */
};

bool v8_is_of_node(const char *file)
{
	return str_begins(file, "node:") || str_equal(file, "[eval]-wrapper");
}

const char *v8_path_of(const char *script)
{
	return str_begins(script, "file:///") && !str_find_char(script, '%')
		       ? script + 7
		       : script;
}

static local frame_at(const struct stack *s, uint32_t i)
{
	return v8.frame(s->trace, s->isolate, i);
}

/* ---- one frame ----------------------------------------------------------- */

/* NULL in ret->bytes: generated code without a name. The caller's frame is
 * next.
 */
static void open_name(const struct stack *s, uint32_t i, struct v8_text *ret)
{
	local frame = frame_at(s, i);

	ret->bytes = NULL;
	if (frame)
		v8_text(s->isolate, v8.script(frame), ret);
	if (ret->bytes && !*ret->bytes) {
		v8_text_end(ret);
		ret->bytes = NULL;
	}
}

/* A name that is too long leaves *ret empty. */
static __attribute__((noinline)) void
read_frame(const struct stack *s, uint32_t i, struct source_pos *ret)
{
	local frame = frame_at(s, i);
	struct v8_location at = v8.location(frame);
	struct v8_text file, name;

	open_name(s, i, &file);
	v8_text(s->isolate, v8.function(frame), &name);
	if (file.bytes && at.line >= 0) {
		source_pos_set(ret, v8_path_of(file.bytes),
			       (uint64_t)at.line + 1, name.bytes);
		ret->column = at.column < 0 ? 0 : (uint64_t)at.column + 1;
		ret->map = v8_has_map(frame) ? SOURCE_POS_MAP_UNREAD
					     : SOURCE_POS_NO_MAP;
	}
	v8_text_end(&name);
	v8_text_end(&file);
}

/* ---- all frames ---------------------------------------------------------- */

/* True when frame `i` is the program's own. The position of a frame of Node is
 * not asked: V8 would first build that script's table of lines (0.1 to 4 ms).
 */
static __attribute__((noinline)) bool is_of_program(struct stack *s, uint32_t i)
{
	struct v8_text file;
	bool found = false;

	open_name(s, i, &file);
	if (file.bytes && s->innermost == s->count)
		s->innermost = i;
	if (file.bytes)
		found = !v8_is_of_node(file.bytes);
	v8_text_end(&file);
	return found;
}

static void take_stack(void *isolate, int most, struct stack *ret)
{
	local trace = v8.trace(isolate, most, ALL_OF_IT);
	int count = trace ? v8.frame_count(trace) : 0;
	uint32_t i = 0;

	*ret = (struct stack){
		.isolate = isolate, .trace = trace, .count = (uint32_t)count};
	ret->innermost = ret->count;
	while (i < ret->count && !is_of_program(ret, i))
		i++;
	ret->of_program = i;
}

/* `count`: no frame has a name. */
static uint32_t chosen_frame(const struct stack *s)
{
	return s->of_program < s->count ? s->of_program : s->innermost;
}

static enum v8_whose read_stack(const struct stack *s, struct source_pos *ret)
{
	bool is_found = s->of_program < s->count;
	uint32_t frame = chosen_frame(s);

	source_pos_set(ret, NULL, 0, NULL);
	if (frame < s->count)
		read_frame(s, frame, ret);
	if (!is_found)
		return V8_OF_NODE;
	return frame == s->innermost ? V8_OF_PROGRAM : V8_BEHIND_NODE;
}

/* Mostly the innermost frame is of the program, and no other is taken. */
static void take_nearest(void *isolate, struct stack *ret)
{
	take_stack(isolate, 1, ret);
	if (ret->of_program == ret->count)
		take_stack(isolate, FRAMES, ret);
}

enum v8_whose v8_source_pos(void *isolate, struct source_pos *ret)
{
	struct stack s;

	take_nearest(isolate, &s);
	return read_stack(&s, ret);
}

void v8_map_source_pos(void *isolate, bool is_important, struct source_pos *pos)
{
	struct stack s;

	if (!pos->line || !pos->map)
		return;
	take_nearest(isolate, &s);
	if (chosen_frame(&s) < s.count)
		v8_map_frame(isolate, frame_at(&s, chosen_frame(&s)),
			     is_important, pos);
}

void v8_innermost_file(void *isolate, char ret[SOURCE_POS_FILE])
{
	struct v8_text file = {.bytes = NULL};
	struct stack s;

	take_nearest(isolate, &s);
	ret[0] = '\0';
	if (s.innermost < s.count)
		open_name(&s, s.innermost, &file);
	if (file.bytes)
		str_append(ret, SOURCE_POS_FILE, file.bytes);
	v8_text_end(&file);
}

bool v8_runs_program(void *isolate)
{
	struct stack s;

	take_nearest(isolate, &s);
	return s.of_program < s.count;
}

/* ---- callers ------------------------------------------------------------- */

/* Chooses by the names of the files alone: V8 finds a line slowly. In place of
 * a line stands the number of the frame. */
struct names {
	struct caller_choice choice;
	char file[2][SOURCE_POS_FILE]; /* the choice may hold the other name */
	struct callers chosen;
};

/* "" for a frame of Node's own, or without a name. */
static __attribute__((noinline)) void
read_name(const struct stack *s, uint32_t i, char ret[SOURCE_POS_FILE])
{
	struct v8_text file;

	ret[0] = '\0';
	open_name(s, i, &file);
	if (file.bytes && !v8_is_of_node(file.bytes))
		str_append(ret, SOURCE_POS_FILE, v8_path_of(file.bytes));
	v8_text_end(&file);
}

static bool choose(const struct stack *s, uint32_t i, struct names *n)
{
	char *name = n->file[n->choice.library.file == n->file[0]];

	read_name(s, i, name);
	n->choice.last_file = NULL; /* another text at the same address */
	return !*name ||
	       callers_add(&n->choice,
			   &(struct caller_frame){.file = name, .line = i});
}

/* "(compiled) f" for a function f at a line that is not of the source. */
static void mark_compiled(struct source_pos *caller)
{
	char name[SOURCE_POS_FUNCTION] = "(compiled)";

	if (caller->function[0])
		str_append(name, sizeof name, " ");
	str_append(name, sizeof name, caller->function);
	__builtin_memcpy(caller->function, name, sizeof name);
}

static bool add_mapped(struct callers *to, struct source_pos *caller)
{
	if (!caller->line || caller->map == SOURCE_POS_MAP_SILENT)
		return true;
	if (source_pos_is_compiled(caller))
		mark_compiled(caller);
	if (!callers_append(to,
			    &(struct caller_frame){.file = caller->file,
						   .function = caller->function,
						   .line = caller->line}))
		return false;
	if (caller->map == SOURCE_POS_MAP_FILE)
		callers_set_column(to, caller->column);
	return true;
}

static __attribute__((noinline)) bool add_caller(const struct stack *s,
						 uint32_t i, struct callers *to)
{
	struct source_pos caller;

	source_pos_set(&caller, NULL, 0, NULL);
	read_frame(s, i, &caller);
	v8_map_frame(s->isolate, frame_at(s, i), true, &caller);
	return add_mapped(to, &caller);
}

static __attribute__((noinline)) void read_callers(const struct stack *s,
						   struct callers *to)
{
	struct names n;
	struct caller_frame frame;
	uint32_t i = s->of_program;
	const char *at = NULL;
	char site[SOURCE_POS_FILE] = "";

	read_name(s, i, site);
	n.file[0][0] = n.file[1][0] = '\0';
	callers_begin(&n.choice, &n.chosen, site);
	n.choice.is_bundled = v8_has_map(frame_at(s, s->of_program));
	for (i++; i < s->count && choose(s, i, &n); i++)
		;
	callers_end(&n.choice);
	to->own = n.chosen.own;
	while ((at = callers_next(&n.chosen, at, &frame)) &&
	       add_caller(s, (uint32_t)frame.line, to))
		;
}

void v8_callers(void *isolate, struct callers *ret)
{
	struct stack s;

	ret->length = 0;
	ret->count = 0;
	take_stack(isolate, CALLERS_FRAMES, &s);
	if (s.of_program < s.count)
		read_callers(&s, ret);
}
