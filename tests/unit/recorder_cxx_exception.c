/* Names of types of C++, as the linker has them and as the source has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "recorder/runtimes/cxx_exception.h"

static void expect(const char *linked, const char *wanted)
{
	char name[32];

	cxx_type_name(linked, name, sizeof name);
	assert_string_equal(name, wanted);
}

static void a_class_has_its_own_name(void **state)
{
	(void)state;
	expect("4Lost", "Lost");
	expect("*4Lost", "Lost");
	expect("N3api4LostE", "api::Lost");
	expect("St13runtime_error", "std::runtime_error");
	expect("NSt3net5errorE", "std::net::error");
	expect("N12_GLOBAL__N_14LostE", "(anonymous)::Lost");
}

static void a_builtin_type_has_the_word_of_the_language(void **state)
{
	(void)state;
	expect("i", "int");
	expect("PKc", "const char*");
}

static void another_form_stays_as_linked(void **state)
{
	(void)state;
	expect("4Los", "4Los");
	expect("N3api4Lost", "N3api4Lost");
	expect("4BoxIiE", "4BoxIiE");
	expect("", "");
	expect("N", "N");
	expect("99999999999999999999x", "99999999999999999999x");
	expect("0", "0");
}

static void a_name_ends_where_the_room_ends(void **state)
{
	char name[8];

	(void)state;
	cxx_type_name("13runtime_error", name, sizeof name);
	assert_true(strlen(name) < sizeof name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_class_has_its_own_name),
		cmocka_unit_test(a_builtin_type_has_the_word_of_the_language),
		cmocka_unit_test(another_form_stays_as_linked),
		cmocka_unit_test(a_name_ends_where_the_room_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
