#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "shared/credential_name.h"

static bool is_certain(const char *name)
{
	return is_credential_name(name, strlen(name));
}

static bool is_near(const char *name)
{
	return is_near_credential_name(name, strlen(name));
}

static void an_ending_needs_an_owner(void **state)
{
	(void)state;
	assert_true(is_certain("ACME_TOKEN"));
	assert_true(is_certain("_X_TOKEN"));
	assert_false(is_certain("_TOKEN"));
	assert_false(is_certain("_API_KEYS"));
	assert_false(is_certain("_password"));
	assert_false(is_certain("ACME_TOKENS_LEFT"));
	assert_false(is_certain(""));
}

static void a_full_name_of_the_catalogue_needs_no_ending(void **state)
{
	(void)state;
	assert_true(is_certain("PGPASSFILE"));
	assert_true(is_certain("TOKEN"));
	assert_true(is_known_credential_name("TOKENS", 5));
	assert_false(is_known_credential_name("ACME_TOKEN", 10));
}

static void a_misspelt_name_is_near_and_a_setting_is_not(void **state)
{
	(void)state;
	assert_true(is_near("OPENAI_API_KYE"));
	assert_true(is_near("HF_TOKNE"));
	assert_false(is_near("OPENAI_API_VERSION"));
	assert_false(is_near("OPENAI"));
	assert_false(is_near("ACME_API_KYE"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ending_needs_an_owner),
		cmocka_unit_test(a_full_name_of_the_catalogue_needs_no_ending),
		cmocka_unit_test(a_misspelt_name_is_near_and_a_setting_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
