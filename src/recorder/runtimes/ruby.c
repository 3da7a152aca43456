/* Ruby 2.1 and later, by functions that Ruby offers to profilers. Those
 * functions allocate no memory and take no lock. */
#include "recorder/runtimes/interpreter.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"

typedef uintptr_t value; /* VALUE */

#define FUNCTIONS(F)                                                           \
	F(ruby_thread_has_gvl_p, int, (void))                                  \
	F(rb_profile_frames, int, (int, int, value *, int *))                  \
	F(rb_profile_frame_path, value, (value))                               \
	F(rb_profile_frame_base_label, value, (value))                         \
	F(rb_string_value_ptr, const char *, (value *))

struct functions {
#define F(name, type, arguments) type(*name) arguments;
	FUNCTIONS(F)
#undef F
};

/* NULL for nil, true and numbers, which are no addresses. */
static const char *text_of(const struct functions *rb, value v)
{
	return v & 7 || v < 4096 ? NULL : rb->rb_string_value_ptr(&v);
}

/* True for the standard library (.../lib/ruby/3.1.0/open3.rb), not for a gem.
 */
static bool is_library(const char *file)
{
	static const char in[] = "/lib/ruby/";

	for (; *file; file++)
		if (str_begins(file, in) && is_digit(file[sizeof in - 1]))
			return true;
	return false;
}

/* Files to skip. <internal:kernel> is Ruby's own. A launch through the standard
 * library (Open3, FileUtils) is recorded at the program's call of the library.
 */
static bool is_machinery(const char *file, enum act act)
{
	return str_begins(file, "<internal:") ||
	       (act == ACT_LAUNCH && is_library(file));
}

/* Skips frames of C functions, which have no line. */
static void look_through(const struct functions *rb, enum act act,
			 struct source_pos *ret)
{
	enum { FRAMES = 24, NEAR = 4 };
	value frames[FRAMES];
	int lines[FRAMES];
	int n = rb->rb_profile_frames(0, act == ACT_LAUNCH ? FRAMES : NEAR,
				      frames, lines);

	for (int i = 0; i < n; i++) {
		value path = rb->rb_profile_frame_path(frames[i]);
		const char *file = lines[i] > 0 ? text_of(rb, path) : NULL;
		bool is_own = file && !is_machinery(file, act);

		if (!file || (ret->line && !is_own))
			continue;
		path = rb->rb_profile_frame_base_label(frames[i]);
		source_pos_set(ret, file, (uint64_t)lines[i],
			       text_of(rb, path));
		if (is_own)
			return;
	}
}

bool ruby_source_pos(const struct module *module, enum act act,
		     struct source_pos *ret)
{
	struct functions rb;

	if (!elf_in_all(module,
#define F(name, type, arguments) #name "\0"
			FUNCTIONS(F),
#undef F
			(void **)&rb))
		return false;
	if (act == ACT_EXIT)
		return true; /* Ruby has ended: any question would crash */
	if (rb.ruby_thread_has_gvl_p())
		look_through(&rb, act, ret);
	return true;
}
