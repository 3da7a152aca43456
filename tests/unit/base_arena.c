#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"

static void gives_zeroed_memory_small_and_large(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t n = 1; n < (size_t)4 << 20; n = n * 3 + 1) {
		char *at = TAKE(a, char, n);

		assert_int_equal(at[0] | at[n - 1], 0);
		memset(at, 0xff, n);
	}
	arena_free(a);
}

static void keeps_every_alignment(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (int i = 0; i < 100; i++) {
		TAKE(a, char, 1);
		assert_int_equal((uintptr_t)TAKE(a, uint64_t, 1) % 8, 0);
	}
	arena_free(a);
}

static void prints_text_of_any_length(void **state)
{
	struct arena *a = arena_new();
	struct str s = arena_print(a, "%05000d%s", 7, "x");

	(void)state;
	assert_int_equal(s.len, 5001);
	assert_int_equal(s.at[5000], 'x');
	assert_int_equal(arena_print(a, "%s", "").len, 0);
	arena_free(a);
}

static void replaces_each_mark_once(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_true(
		str_eq(arena_replace(a, STR("a {f} b {f}"), "{f}", STR("x{f}")),
		       STR("a x{f} b x{f}")));
	assert_true(str_eq(arena_replace(a, STR("none"), "{f}", STR("x")),
			   STR("none")));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_zeroed_memory_small_and_large),
		cmocka_unit_test(keeps_every_alignment),
		cmocka_unit_test(prints_text_of_any_length),
		cmocka_unit_test(replaces_each_mark_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
