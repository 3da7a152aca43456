#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/limited_child.h"

static struct arena *arena;

static enum limited_end done(void (*write)(struct out *, const void *),
			     struct str *ret)
{
	struct out shape = out_to_memory(arena);
	const struct work work = {arena, &shape, write, "told"};
	enum limited_end end;
	sigset_t all, old;

	shape.width = 66;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	end = limited_child_text(&work, ret);
	while (sigtimedwait(&all, NULL, &(struct timespec){0}) > 0)
		;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return end;
}

static void say(struct out *o, const void *told)
{
	out_print(o, "%s %u", (const char *)told, o->width);
}

static void a_text_comes_whole(void **state)
{
	struct str text = {0};

	(void)state;
	assert_int_equal(done(say, &text), LIMITED_DONE);
	assert_true(str_eq(text, STR("told 66")));
}

static void say_nothing(struct out *o, const void *told)
{
	(void)o;
	(void)told;
}

static void nothing_is_a_text(void **state)
{
	struct str text = {0};

	(void)state;
	assert_int_equal(done(say_nothing, &text), LIMITED_DONE);
	assert_int_equal(text.len, 0);
}

static void say_too_much(struct out *o, const void *told)
{
	for (int i = 0; i < 20000; i++)
		say(o, told);
}

static void die(struct out *o, const void *told)
{
	say(o, told);
	raise(SIGKILL);
}

static void end_badly(struct out *o, const void *told)
{
	say(o, told);
	_exit(2);
}

#ifndef __SANITIZE_ADDRESS__
static void take_memory(struct out *o, const void *told)
{
	(void)told;
	out_print(o, "%p", (void *)TAKE(o->arena, char, (size_t)2 << 30));
}
#endif

static void what_breaks_is_told(void **state)
{
	struct str text = STR("untouched");

	(void)state;
	assert_int_equal(done(say_too_much, &text), LIMITED_BROKEN);
	assert_int_equal(done(die, &text), LIMITED_BROKEN);
	assert_int_equal(done(end_badly, &text), LIMITED_BROKEN);
#ifndef __SANITIZE_ADDRESS__
	assert_int_equal(done(take_memory, &text), LIMITED_BROKEN);
#endif
	assert_true(str_eq(text, STR("untouched")));
}

static void ask_to_end(struct out *o, const void *told)
{
	(void)o;
	(void)told;
	kill(getppid(), SIGTERM);
	pause();
}

static void ask_for_nothing(struct out *o, const void *told)
{
	kill(getppid(), SIGUSR1);
	kill(getppid(), SIGWINCH);
	say(o, told);
}

static void who_wants_us_to_end_is_heard(void **state)
{
	struct str text = {0};

	(void)state;
	assert_int_equal(done(ask_to_end, &text), LIMITED_STOPPED);
	assert_int_equal(done(ask_for_nothing, &text), LIMITED_DONE);
}

static void tell_limits(struct out *o, const void *told)
{
	struct rlimit core, cpu;

	(void)told;
	getrlimit(RLIMIT_CORE, &core);
	getrlimit(RLIMIT_CPU, &cpu);
	out_print(o, "%d %d", (int)core.rlim_cur, (int)cpu.rlim_max);
}

static void a_limit_that_is_lower_stays(void **state)
{
	struct rlimit cpu;
	struct str text = {0};

	(void)state;
	assert_int_equal(done(tell_limits, &text), LIMITED_DONE);
	assert_true(str_eq(text, STR("0 5")));
	getrlimit(RLIMIT_CPU, &cpu);
	cpu.rlim_cur = 4;
	setrlimit(RLIMIT_CPU, &cpu);
	assert_int_equal(done(tell_limits, &text), LIMITED_DONE);
	assert_false(str_eq(text, STR("0 5")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_comes_whole),
		cmocka_unit_test(nothing_is_a_text),
		cmocka_unit_test(what_breaks_is_told),
		cmocka_unit_test(who_wants_us_to_end_is_heard),
		cmocka_unit_test(a_limit_that_is_lower_stays),
	};
	int failed;

	arena = arena_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
