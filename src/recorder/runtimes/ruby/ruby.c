/* Ruby 2.1 and later, by functions that Ruby offers to profilers. Those
 * functions allocate no memory and take no lock. */
#include "recorder/runtimes/ruby/ruby.h"

#include <stdatomic.h>

#include "recorder/lib/str.h"
#include "recorder/runtimes/interpreter.h"

#define FUNCTIONS(F)                                                           \
	F(ruby_thread_has_gvl_p, int, (void))                                  \
	F(ruby_native_thread_p, int, (void))                                   \
	F(rb_profile_frames, int, (int, int, ruby_value *, int *))             \
	F(rb_profile_frame_path, ruby_value, (ruby_value))                     \
	F(rb_profile_frame_base_label, ruby_value, (ruby_value))               \
	F(rb_string_value_ptr, const char *, (ruby_value *))

struct functions {
	FUNCTIONS(ELF_FUNCTION)
};

static bool find_functions(const struct module *module, struct functions *ret)
{
	return elf_in_all(module, FUNCTIONS(ELF_OWN_NAME), (void **)ret);
}

/* ---- frames -------------------------------------------------------------- */

enum { NEAR = 4 };

struct frames {
	ruby_value at[CALLERS_FRAMES];
	int lines[CALLERS_FRAMES];
	int count;
};

static void find_frames(const struct functions *rb, struct frames *f, int most)
{
	f->count = rb->rb_profile_frames(0, most, f->at, f->lines);
}

static const char *text_of(const struct functions *rb, ruby_value v)
{
	return ruby_is_object(v) ? rb->rb_string_value_ptr(&v) : NULL;
}

/* NULL for a C function, which has no line. */
static const char *file_of(const struct functions *rb, const struct frames *f,
			   int i)
{
	return f->lines[i] > 0
		       ? text_of(rb, rb->rb_profile_frame_path(f->at[i]))
		       : NULL;
}

static const char *function_of(const struct functions *rb,
			       const struct frames *f, int i)
{
	return text_of(rb, rb->rb_profile_frame_base_label(f->at[i]));
}

static struct caller_frame read_frame(const struct functions *rb,
				      const struct frames *f, int i)
{
	return (struct caller_frame){.file = file_of(rb, f, i),
				     .function = function_of(rb, f, i),
				     .line = (uint64_t)f->lines[i]};
}

/* The standard library (.../lib/ruby/3.1.0/open3.rb), not a gem; <internal:
 * kernel> is Ruby's own. */
bool ruby_is_library_code(const char *file)
{
	static const char in[] = "/lib/ruby/";

	if (str_begins(file, "<internal:"))
		return true;
	for (; *file; file++)
		if (str_begins(file, in) && is_digit(file[sizeof in - 1]))
			return true;
	return false;
}

/* The innermost frame outside the standard library; false without one: *ret is
 * the innermost, or -1. */
static bool find_own(const struct functions *rb, const struct frames *f,
		     int *ret)
{
	*ret = -1;
	for (int i = 0; i < f->count; i++) {
		const char *file = file_of(rb, f, i);
		bool is_own = file && !ruby_is_library_code(file);

		if (is_own || (file && *ret < 0 && *file != '<'))
			*ret = i;
		if (is_own)
			return true;
	}
	return false;
}

/* Far frames are looked at only where the near frames hold no program. */
static int find_site(const struct functions *rb, struct frames *f)
{
	int site;

	find_frames(rb, f, NEAR);
	if (!find_own(rb, f, &site) && f->count == NEAR) {
		find_frames(rb, f, CALLERS_FRAMES);
		find_own(rb, f, &site);
	}
	return site;
}

/* A block runs in a frame of its own, inside that of its method. */
static bool is_place_of(const struct caller_frame *a,
			const struct caller_frame *b)
{
	return a->file == b->file && a->line == b->line;
}

/* ---- the answer ---------------------------------------------------------- */

static bool has_ended;

void ruby_note_end(void)
{
	has_ended = true;
}

/* An address inside Ruby's module. */
static _Atomic uintptr_t inside;

static void find_callers(struct callers *ret)
{
	struct functions rb;
	struct module module;
	struct frames f;
	struct caller_choice choice;
	struct caller_frame last, frame;
	int site;

	ret->length = ret->count = 0;
	if (!elf_module((void *)atomic_load(&inside), &module) ||
	    !find_functions(&module, &rb))
		return;
	find_frames(&rb, &f, CALLERS_FRAMES);
	find_own(&rb, &f, &site);
	if (site < 0)
		return;
	last = read_frame(&rb, &f, site);
	callers_begin(&choice, ret, last.file);
	for (int i = site + 1; i < f.count; i++, last = frame) {
		frame = read_frame(&rb, &f, i);
		if (!frame.file || is_place_of(&frame, &last))
			frame = last;
		else if (!callers_add(&choice, &frame))
			break;
	}
	callers_end(&choice);
}

static __attribute__((noinline)) void find_place(const struct functions *rb,
						 struct source_pos *ret)
{
	struct frames f;
	int site = find_site(rb, &f);

	if (site >= 0)
		source_pos_set(ret, file_of(rb, &f, site),
			       (uint64_t)f.lines[site],
			       function_of(rb, &f, site));
}

/* False in a child that could not become another program: Ruby ends the child
 * in the function that starts programs. */
static bool is_in_exit(const struct functions *rb, const struct module *module)
{
	ruby_value (*method_name)(ruby_value) = (ruby_value(*)(
		ruby_value))elf_in(module, "rb_profile_frame_method_name");
	ruby_value frame;
	int line;
	const char *name = NULL;

	if (method_name && rb->rb_profile_frames(0, 1, &frame, &line) == 1)
		name = text_of(rb, method_name(frame));
	return name && str_equal(name, "exit!");
}

/* Ruby opens files without its lock. From 3.0 on, the frames of a thread are
 * found through the thread, and no longer through the holder of the lock. */
static bool may_ask(const struct functions *rb, const struct module *module,
		    enum act act)
{
	return rb->ruby_thread_has_gvl_p() ||
	       (act == ACT_OPEN && rb->ruby_native_thread_p() &&
		elf_in(module, "rb_ext_ractor_safe"));
}

bool ruby_source_pos(const struct module *module, enum act act,
		     struct interpreter_place *ret)
{
	struct functions rb;

	if (!find_functions(module, &rb))
		return false;
	if (act == ACT_EXIT || (act == ACT_EXIT_NOW && has_ended))
		return true; /* any question would crash */
	if (!may_ask(&rb, module, act) ||
	    (act == ACT_EXIT_NOW && !is_in_exit(&rb, module)))
		return true;
	find_place(&rb, &ret->pos);
	atomic_store_explicit(&inside, module->from, memory_order_relaxed);
	ret->find_callers = find_callers;
	return true;
}
