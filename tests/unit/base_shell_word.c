#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/shell_word.h"

static struct arena *arena;

static void a_plain_word_stays(void **state)
{
	static const char *const words[] = {"keytrail-20260101-120000-7",
					    "/srv/a_b.c", "a=b,c:d", "x@y%z+"};

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		assert_string_equal(shell_word(arena, words[i]), words[i]);
}

static void what_a_shell_would_take_apart_is_quoted(void **state)
{
	(void)state;
	assert_string_equal(shell_word(arena, "a b;c"), "'a b;c'");
	assert_string_equal(shell_word(arena, "$HOME"), "'$HOME'");
	assert_string_equal(shell_word(arena, "~x"), "'~x'");
	assert_string_equal(shell_word(arena, "it's"), "'it'\\''s'");
	assert_string_equal(shell_word(arena, "'"), "''\\'''");
	assert_string_equal(shell_word(arena, "caf\xc3\xa9"), "'caf\xc3\xa9'");
	assert_string_equal(shell_word(arena, ""), "''");
}

static void a_path_is_no_option(void **state)
{
	(void)state;
	assert_string_equal(shell_path(arena, "-x y"), "'./-x y'");
	assert_string_equal(shell_path(arena, "-"), "./-");
	assert_string_equal(shell_path(arena, "/a"), "/a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_word_stays),
		cmocka_unit_test(what_a_shell_would_take_apart_is_quoted),
		cmocka_unit_test(a_path_is_no_option),
	};
	int failed;

	arena = arena_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
