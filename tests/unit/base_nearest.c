#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/nearest.h"

static const char *const words[] = {"run",   "report", "replay",  "diff",
				    "pack",  "check",  "explain", "doctor",
				    "names", "help"};

static const char *meant(const char *misspelt)
{
	struct nearest n = {.misspelt = misspelt};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		nearest_try(&n, words[i]);
	return n.word ? n.word : "none";
}

static void a_slip_of_the_finger_is_near(void **state)
{
	(void)state;
	assert_string_equal(meant("reprot"), "report");
	assert_string_equal(meant("REPORT"), "report");
	assert_string_equal(meant("rnu"), "run");
	assert_string_equal(meant("explian"), "explain");
	assert_string_equal(meant("doctr"), "doctor");
	assert_string_equal(meant("name"), "names");
	assert_string_equal(meant("repot"), "report");
	assert_string_equal(meant("hepl"), "help");
}

static void another_word_is_not_near(void **state)
{
	(void)state;
	assert_string_equal(meant("frobnicate"), "none");
	assert_string_equal(meant("show"), "none");
	assert_string_equal(meant(""), "none");
	assert_string_equal(meant("abcdefghijklmnopqrstuvwxyzabcdefghijkl"),
			    "none");
}

static void the_nearest_of_two_wins(void **state)
{
	struct nearest n = {.misspelt = "relpay"};

	(void)state;
	nearest_try(&n, "report");
	nearest_try(&n, "replay");
	nearest_try(&n, "repay");
	assert_string_equal(n.word, "replay");
	assert_int_equal(n.edits, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slip_of_the_finger_is_near),
		cmocka_unit_test(another_word_is_not_near),
		cmocka_unit_test(the_nearest_of_two_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
