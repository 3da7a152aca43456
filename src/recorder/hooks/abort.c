/* abort, and the end of an assert: an error that ends the program by SIGABRT.
 * Told before the call. glibc's own calls of abort are not heard: a broken
 * heap, an overrun stack. */
#include <assert.h>
#include <stdlib.h>

#include "recorder/hooks/real.h"
#include "recorder/process/raise_event.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/cxx_exception.h"
#include "recorder/runtimes/rust_panic.h"

/* The events of a vfork child would be those of its parent. */
static bool is_told(void)
{
	return globals && !thread.vforked;
}

EXPORT void abort(void)
{
	struct raise_event raise = {
		.fn = "abort", .type = "abort", .caller = CALLER};

	if (is_told() && !rust_record_panic() && !cxx_record_abort(CALLER))
		record_raise(&raise);
	REAL(abort)();
	__builtin_unreachable();
}

static __attribute__((noinline)) void record_assert(const char *file,
						    unsigned line,
						    const char *function,
						    const void *caller)
{
	struct source_pos place;

	source_pos_set(&place, file, line, function);
	record_raise(&(struct raise_event){.fn = "__assert_fail",
					   .type = "assert",
					   .place = &place,
					   .caller = caller});
}

#undef __assert_fail
#ifdef __GLIBC__
#define LINE unsigned
#else
#define LINE int
#endif

EXPORT void __assert_fail(const char *expression, const char *file, LINE line,
			  const char *function)
{
	if (is_told())
		record_assert(file, (unsigned)line, function, CALLER);
	REAL(__assert_fail)(expression, file, line, function);
	__builtin_unreachable();
}
