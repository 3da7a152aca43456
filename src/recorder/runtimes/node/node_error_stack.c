#include "recorder/runtimes/node/node_error_stack.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/node/node_end_state.h"
#include "recorder/runtimes/node/node_rejections.h"
#include "recorder/runtimes/v8/v8_frames.h"
#include "recorder/runtimes/v8/v8_functions.h"
#include "recorder/runtimes/v8/v8_source_map.h"

typedef local preparer(local context, local error, local sites);

#define FUNCTIONS(F)                                                           \
	F(set, void, (void *, preparer *),                                     \
	  "_ZN2v87Isolate28SetPrepareStackTraceCallbackEPFNS_10MaybeLocalINS_" \
	  "5ValueEEENS_5LocalINS_7ContextEEENS4_IS2_EENS4_INS_5ArrayEEEE")     \
	F(preparer_of_node, local, (local, local, local),                      \
	  "_ZN4node25PrepareStackTraceCallbackEN2v85LocalINS0_"                \
	  "7ContextEEENS1_INS0_5ValueEEENS1_INS0_5ArrayEEE")                   \
	V8_GET(F)                                                              \
	V8_TEXT(F)                                                             \
	V8_IS_FUNCTION(F)                                                      \
	F(call, local, (local, local, local, int, local *),                    \
	  "_ZN2v88Function4CallENS_5LocalINS_7ContextEEENS1_INS_"              \
	  "5ValueEEEiPS5_")                                                    \
	F(number, struct v8_maybe_int, (local, local),                         \
	  "_ZNK2v85Value10Int32ValueENS_5LocalINS_7ContextEEE")

static struct {
	FUNCTIONS(ELF_FUNCTION)
} of_stacks;

/* ---- the frames of an error ---------------------------------------------- */

/* A CallSite of JavaScript answers by methods, which are V8's own unless the
 * program put others there. So only an error that ends something is asked. */
static local ask(void *isolate, local site, const char *method)
{
	local context = v8.context(isolate);
	local name = of_stacks.text(isolate, method, 0, -1);
	local function = name ? of_stacks.get(site, context, name) : NULL;

	return function && of_stacks.is_function(function)
		       ? of_stacks.call(function, context, site, 0, NULL)
		       : NULL;
}

static bool ask_file(void *isolate, local site, struct source_pos *ret)
{
	struct v8_text file;

	source_pos_set(ret, NULL, 0, NULL);
	v8_text(isolate, ask(isolate, site, "getFileName"), &file);
	if (file.bytes && !str_equal(file.bytes, "null"))
		source_pos_set(ret, v8_path_of(file.bytes), 1, NULL);
	v8_text_end(&file);
	return ret->line && !v8_is_of_node(ret->file);
}

/* 0: none. */
static uint64_t ask_number(void *isolate, local site, const char *method)
{
	local answer = ask(isolate, site, method);
	struct v8_maybe_int number = {false, 0};

	if (answer)
		number = of_stacks.number(answer, v8.context(isolate));
	return number.has && number.value > 0 ? (uint64_t)number.value : 0;
}

static void ask_rest(void *isolate, local site, struct source_pos *ret)
{
	struct v8_text function;

	ret->line = ask_number(isolate, site, "getLineNumber");
	v8_text(isolate, ask(isolate, site, "getFunctionName"), &function);
	if (function.bytes && !str_equal(function.bytes, "null"))
		str_append(ret->function, sizeof ret->function, function.bytes);
	v8_text_end(&function);
}

/* The frames of the program and of its libraries: the first is where the error
 * was made, the others are its callers. */
struct walk {
	struct node_error *error;
	local object; /* the error itself; NULL: its script has no map */
	struct caller_choice choice;
	bool has_place;
	bool has_innermost;	  /* any frame with a file was met */
	struct source_pos pos[2]; /* the choice may hold the other file */
};

/* Node 18 makes its own errors in a constructor of this file; the frame below
 * raises them. */
static bool makes_errors(const char *file)
{
	return str_equal(file, "node:internal/errors");
}

/* False: no more frames are wanted. */
static bool add_caller(struct walk *w, const struct source_pos *pos)
{
	bool is_more = callers_add(
		&w->choice, &(struct caller_frame){.file = pos->file,
						   .function = pos->function,
						   .line = pos->line});

	if (pos->map == SOURCE_POS_MAP_FILE)
		callers_set_column(&w->error->callers, pos->column);
	return is_more;
}

static __attribute__((noinline)) bool add_site(void *isolate, local site,
					       struct walk *w)
{
	struct source_pos *pos =
		&w->pos[w->choice.library.file == w->pos[0].file];
	bool is_of_program;

	is_of_program = ask_file(isolate, site, pos);
	if (!w->has_innermost && pos->line && !makes_errors(pos->file)) {
		w->has_innermost = true;
		w->error->by[0] = '\0';
		if (!is_of_program)
			str_append(w->error->by, RAISER, pos->file);
	}
	if (!is_of_program)
		return true;
	ask_rest(isolate, site, pos);
	if (!pos->line)
		return true;
	if (w->object || v8_has_met_maps()) {
		pos->column = ask_number(isolate, site, "getColumnNumber");
		node_error_map(isolate, w->object, pos);
	}
	if (pos->map == SOURCE_POS_MAP_SILENT)
		return true;
	w->choice.last_file = NULL; /* another text at the same address */
	if (w->has_place)
		return add_caller(w, pos);
	w->error->place = *pos;
	w->has_place = true;
	callers_begin(&w->choice, &w->error->callers, w->error->place.file);
	w->choice.is_bundled = pos->map;
	return true;
}

static void take_frames(void *isolate, local sites, local object,
			struct node_error *error)
{
	uint32_t n = sites ? v8_length(sites) : 0;
	struct walk w = {.error = error,
			 .object = error->place.map ? object : NULL};

	for (uint32_t i = 0; i < n && i < CALLERS_FRAMES; i++) {
		local site = v8_element(isolate, sites, i);

		if (!site || !add_site(isolate, site, &w))
			break;
	}
	if (w.has_place)
		callers_end(&w.choice);
}

/* ---- the callback -------------------------------------------------------- */

/* Where Node makes the stack of an error to print it and to end. */
static bool is_fatal_script(const char *file)
{
	static const char files[] = "node:internal/process/\0"
				    "node:internal/errors\0"
				    "node:internal/main\0"
				    "node:internal/modules/run_main\0"
				    "node:internal/source_map\0";

	for (const char *f = files; *f; f += str_length(f) + 1)
		if (str_begins(file, f))
			return true;
	return false;
}

/* Does Node make this stack, and no function of the program runs? The line of a
 * frame is not asked. */
static bool is_fatal(void *isolate)
{
	char file[SOURCE_POS_FILE];

	if (v8_runs_program(isolate))
		return false;
	v8_innermost_file(isolate, file);
	return !*file || is_fatal_script(file);
}

static void note_thrown(void *isolate, local sites, local error,
			struct node_error *thrown)
{
	if (thrown->shown)
		return;
	thrown->shown = now();
	take_frames(isolate, sites, error, thrown);
}

/* The program may make the stack of a rejection that it will handle. An error
 * in an ES module is no rejection that V8 tells. */
static void note_rejected(void *isolate, local sites, local error)
{
	struct node_error *known = node_rejections_find(node_ends, error);
	bool fatal = (!known || !known->is_shown) && is_fatal(isolate);

	if (fatal && !known)
		known = node_rejections_add(node_ends, isolate, error);
	if (!known)
		return;
	known->shown = now();
	if (!fatal)
		return;
	known->is_shown = true;
	take_frames(isolate, sites, error, known);
}

static void note(void *isolate, local error, local sites)
{
	struct node_error *thrown = node_ends->thrown;

	if (thrown && node_error_is(thrown, error))
		note_thrown(isolate, sites, error, thrown);
	else
		note_rejected(isolate, sites, error);
}

static local on_stack_made(local context, local error, local sites)
{
	int host_error = host_errno();
	void *isolate = v8_current();

	if (node_ends && !node_ends->is_asking && v8_runs(isolate)) {
		node_ends->is_asking = true;
		note(isolate, error, sites);
		node_ends->is_asking = false;
	}
	host_set_errno(host_error);
	return of_stacks.preparer_of_node(context, error, sites);
}

void node_stacks_watch(void *isolate)
{
	if (of_stacks.number ||
	    elf_symbols(FUNCTIONS(ELF_NAME), (void **)&of_stacks))
		of_stacks.set(isolate, on_stack_made);
}
