#include "recorder/runtimes/perl/perl_ends.h"

#include "recorder/lib/str.h"
#include "recorder/process/raise_event.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/perl/perl_api.h"
#include "recorder/runtimes/perl/perl_frames.h"
#include "recorder/runtimes/perl/perl_ops.h"

/* The last call of exit, in any thread: each ends the process. */
static struct {
	bool is_set;
	struct source_pos place;
	struct callers callers;
} noted;

static perl_op_function *original_exit, *original_die, *original_entertry;

static void *on_exit_op(void *self)
{
	int error = host_errno();

	if (globals && perl_is_running(self, on_exit_op)) {
		perl_find_place(self, &noted.place, &noted.callers);
		noted.is_set = noted.place.line;
	}
	host_set_errno(error);
	return original_exit(self);
}

bool perl_on_exit(const char *fn)
{
	if (!noted.is_set || thread.vforked || !str_equal(fn, "exit"))
		return false;
	*source_pos_current() = noted.place;
	*source_pos_callers() = noted.callers;
	return true;
}

/* ---- die ----------------------------------------------------------------- */

/* True for `die $one`: several values are joined to a text. */
static bool has_one_argument(const struct perl_op *die)
{
	enum { HAS_CHILDREN = 4, HAS_NEXT_SIBLING = 1 << 14 };
	const struct perl_op *mark =
		die->flags & HAS_CHILDREN ? die->first : NULL;

	return mark && mark->bits & HAS_NEXT_SIBLING && mark->sibling &&
	       !(mark->sibling->bits & HAS_NEXT_SIBLING);
}

/* The class of an object; of all else, the word. */
static const char *class_of_error(void *self, const struct perl_op *die)
{
	struct perl_value *value = *perl_stack_top(self);
	const char *class = NULL;

	if (has_one_argument(die) && value &&
	    value->flags & PERL_IS_REFERENCE &&
	    (int)(uintptr_t)PERL_CALL(Perl_sv_isobject, self, value))
		class = PERL_CALL(Perl_sv_reftype, self, value->target, 1);
	return class ? class : "die";
}

static __attribute__((noinline)) void record_die(void *self)
{
	const struct perl_op *die = perl_current_op(self);
	struct source_pos place;
	struct callers callers;

	perl_find_place(self, &place, &callers);
	record_raise(&(struct raise_event){.type = class_of_error(self, die),
					   .place = &place,
					   .callers = &callers});
}

static void *on_die_op(void *self)
{
	int error = host_errno();

	if (globals && perl_is_running(self, on_die_op) &&
	    !perl_is_in_eval(self))
		record_die(self);
	host_set_errno(error);
	return original_die(self);
}

/* The first eval tells what the context of an eval looks like. Where Perl ran
 * the whole eval inside of the call, the context is gone. */
static void *on_entertry_op(void *self)
{
	struct perl_op *op = perl_current_op(self);
	const struct perl_context *before = perl_innermost(self), *after;
	void *next = original_entertry(self);
	int error = host_errno();

	after = perl_innermost(self);
	if (after && after != before && perl_current_op(self) == op) {
		perl_note_eval(after);
		perl_op_restore(op, on_entertry_op, original_entertry);
	}
	host_set_errno(error);
	return next;
}

void perl_ends_start(void)
{
	original_exit = perl_op_replace("exit", on_exit_op);
	original_die = perl_op_replace("die", on_die_op);
	original_entertry = perl_op_replace("entertry", on_entertry_op);
}
