#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/pattern.h"

static void a_pattern_meets_the_whole_text(void **state)
{
	(void)state;
	assert_true(str_matches(STR("APP_TOKEN"), STR("*_TOKEN")));
	assert_true(str_matches(STR("APP_TOKEN"), STR("APP_?OKEN")));
	assert_false(str_matches(STR("APP_TOKENS"), STR("*_TOKEN")));
	assert_false(str_matches((struct str){"APP_TOKEN", 3}, STR("*_TOKEN")));
}

static void one_of_a_list_is_enough(void **state)
{
	(void)state;
	assert_true(str_matches_any(STR("-uKEY"), "-u* --unset*"));
	assert_true(str_matches_any(STR("--unset=KEY"), "-u* --unset*"));
	assert_true(str_matches_any(STR("-u"), " -u*"));
	assert_false(str_matches_any(STR("KEY"), "-u* --unset*"));
	assert_false(str_matches_any(STR("KEY"), ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pattern_meets_the_whole_text),
		cmocka_unit_test(one_of_a_list_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
