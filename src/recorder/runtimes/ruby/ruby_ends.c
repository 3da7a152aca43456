/* Why a Ruby program ended. A function in C runs after the blocks of at_exit,
 * as Ruby's own END blocks do. The exception which nobody rescued is then in
 * $!; a call of exit is a SystemExit. Nothing of Ruby is replaced, and no code
 * of the program is called. */
#include "recorder/runtimes/ruby/ruby_ends.h"

#include "recorder/lib/str.h"
#include "recorder/process/raise_event.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/exit_place.h"
#include "recorder/runtimes/ruby/ruby.h"

#define FUNCTIONS(F)                                                           \
	F(rb_set_end_proc, void, (void (*)(ruby_value), ruby_value))           \
	F(rb_errinfo, ruby_value, (void))                                      \
	F(rb_set_errinfo, void, (ruby_value))                                  \
	F(rb_protect, ruby_value,                                              \
	  (ruby_value(*)(ruby_value), ruby_value, int *))                      \
	F(rb_obj_classname, const char *, (ruby_value))                        \
	F(rb_obj_is_kind_of, ruby_value, (ruby_value, ruby_value))             \
	F(rb_intern, ruby_value, (const char *))                               \
	F(rb_method_basic_definition_p, int, (ruby_value, ruby_value))         \
	F(rb_funcallv, ruby_value,                                             \
	  (ruby_value, ruby_value, int, const ruby_value *))                   \
	F(rb_attr_get, ruby_value, (ruby_value, ruby_value))                   \
	F(rb_ary_entry, ruby_value, (ruby_value, long))                        \
	F(rb_string_value_ptr, const char *, (ruby_value *))

static struct {
	FUNCTIONS(ELF_FUNCTION)
	const ruby_value *rb_eSystemExit;
} rb;

/* ---- objects ------------------------------------------------------------- */

enum { T_STRING = 5, T_ARRAY = 7 };

static bool is_kind(ruby_value v, unsigned kind)
{
	return ruby_is_object(v) && (*(const ruby_value *)v & 31) == kind;
}

/* What a method of Ruby's own returns; false (0) where the program has defined
 * the method anew, which is not called then. */
static ruby_value ask(ruby_value object, const char *method)
{
	ruby_value class = ((const ruby_value *)object)[1];
	ruby_value name = rb.rb_intern(method);

	return rb.rb_method_basic_definition_p(class, name)
		       ? rb.rb_funcallv(object, name, 0, NULL)
		       : 0;
}

static ruby_value entry(ruby_value list, long i)
{
	return is_kind(list, T_ARRAY) ? rb.rb_ary_entry(list, i) : 0;
}

static const char *text(ruby_value v)
{
	return is_kind(v, T_STRING) ? rb.rb_string_value_ptr(&v) : NULL;
}

static uint64_t number(ruby_value v)
{
	return v & 1 ? v >> 1 : 0;
}

/* ---- where an exception was raised ----------------------------------------
 */

static struct caller_frame frame_at(ruby_value locations, long i)
{
	ruby_value location = entry(locations, i);

	if (!ruby_is_object(location))
		return (struct caller_frame){.file = NULL};
	return (struct caller_frame){.file = text(ask(location, "path")),
				     .function =
					     text(ask(location, "base_label")),
				     .line = number(ask(location, "lineno"))};
}

static bool is_same_line(const struct caller_frame *a,
			 const struct caller_frame *b)
{
	return a->file && b->file && a->line == b->line &&
	       str_equal(a->file, b->file);
}

/* The innermost frame outside the standard library, or the innermost. */
static long site_in(ruby_value locations)
{
	for (long i = 0; i < CALLERS_FRAMES; i++) {
		struct caller_frame f = frame_at(locations, i);

		if (!f.file)
			return 0;
		if (!ruby_is_library_code(f.file))
			return i;
	}
	return 0;
}

/* A function written in C has the line of its caller, who follows. */
static void find_in(ruby_value locations, struct source_pos *ret,
		    struct callers *ret_callers)
{
	long i = site_in(locations);
	struct caller_frame last = frame_at(locations, i++), f;
	struct caller_choice choice;

	if (!last.file)
		return;
	f = frame_at(locations, i);
	source_pos_set(ret, last.file, last.line,
		       is_same_line(&f, &last) ? f.function : last.function);
	callers_begin(&choice, ret_callers, last.file);
	for (; f.file && i < CALLERS_FRAMES; f = frame_at(locations, ++i)) {
		if (f.line && !is_same_line(&f, &last) &&
		    !callers_add(&choice, &f))
			break;
		last = f;
	}
	callers_end(&choice);
}

/* "app.rb:12:in `main'", of a backtrace that the program gave. */
static void find_in_text(const char *at, struct source_pos *ret)
{
	char file[SOURCE_POS_FILE];
	uint64_t line = 0;
	size_t n = 0;

	while (at[n] && !(at[n] == ':' && is_digit(at[n + 1])))
		n++;
	if (!at[n] || n >= sizeof file)
		return;
	__builtin_memcpy(file, at, n);
	file[n] = '\0';
	for (at += n + 1; is_digit(*at); at++)
		line = line * 10 + (uint64_t)(*at - '0');
	source_pos_set(ret, file, line, NULL);
}

static void find_place(ruby_value exception, struct source_pos *ret,
		       struct callers *ret_callers)
{
	ruby_value locations = ask(exception, "backtrace_locations");
	const char *given;

	source_pos_set(ret, NULL, 0, NULL);
	ret_callers->length = ret_callers->count = 0;
	if (is_kind(locations, T_ARRAY)) {
		find_in(locations, ret, ret_callers);
		return;
	}
	given = text(entry(ask(exception, "backtrace"), 0));
	if (given)
		find_in_text(given, ret);
}

/* ---- what raised it ------------------------------------------------------ */

/* A function written in C, such as Integer("x"), has the line of its caller. */
static bool is_in_c(ruby_value locations)
{
	struct caller_frame f = frame_at(locations, 0),
			    caller = frame_at(locations, 1);
	const char *label = text(ask(entry(locations, 0), "label"));

	return is_same_line(&f, &caller) && label &&
	       !str_begins(label, "block ");
}

/* A file of the standard library, "operation" for a function written in C; or
 * empty for a statement of the program, and where that cannot be known. */
static void find_raiser(ruby_value exception, char ret[RAISER])
{
	ruby_value locations = ask(exception, "backtrace_locations");
	struct caller_frame f;

	ret[0] = '\0';
	if (!is_kind(locations, T_ARRAY))
		return;
	f = frame_at(locations, 0);
	if (f.file && ruby_is_library_code(f.file))
		str_append(ret, RAISER, base_name(f.file));
	else if (f.file && is_in_c(locations))
		str_append(ret, RAISER, "operation");
}

/* ---- the end ------------------------------------------------------------- */

static __attribute__((noinline)) void record(ruby_value exception,
					     bool is_handled)
{
	struct source_pos place;
	struct callers callers;
	char by[RAISER];

	find_place(exception, &place, &callers);
	find_raiser(exception, by);
	record_raise(
		&(struct raise_event){.type = rb.rb_obj_classname(exception),
				      .place = &place,
				      .callers = &callers,
				      .by = by,
				      .is_handled = is_handled});
}

static bool is_exit(ruby_value exception)
{
	return rb.rb_obj_is_kind_of(exception, *rb.rb_eSystemExit);
}

static void note_exit(ruby_value system_exit)
{
	ruby_value cause = rb.rb_attr_get(system_exit, rb.rb_intern("cause"));
	ruby_value status = rb.rb_attr_get(system_exit, rb.rb_intern("status"));
	struct exit_place *note = exit_place();

	find_place(system_exit, &note->place, &note->callers);
	note->status = (int)number(status);
	note->is_set = note->place.line;
	if (ruby_is_object(cause) && !is_exit(cause))
		record(cause, true);
}

static ruby_value record_end(ruby_value exception)
{
	if (is_exit(exception))
		note_exit(exception);
	else
		record(exception, false);
	return exception;
}

static void on_end(ruby_value unused)
{
	int error = host_errno(), failed = 0;
	ruby_value exception = rb.rb_errinfo();

	(void)unused;
	ruby_note_end();
	if (globals && ruby_is_object(exception))
		rb.rb_protect(record_end, exception, &failed);
	if (failed)
		rb.rb_set_errinfo(exception);
	host_set_errno(error);
}

bool ruby_ends_watch(const struct module *module)
{
	if (!elf_in_all(module, FUNCTIONS(ELF_OWN_NAME) "rb_eSystemExit\0",
			(void **)&rb))
		return false;
	rb.rb_set_end_proc(on_end, 0);
	return true;
}
