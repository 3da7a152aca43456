#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "diagnosis/evidence/names/similar_names.h"

static bool near(const char *missing, const char *name)
{
	assert_true(is_misspelling(str_of(missing), str_of(name)) ==
		    is_misspelling(str_of(name), str_of(missing)));
	return is_misspelling(str_of(missing), str_of(name));
}

static void takes_slips_of_the_pen_for_what_they_are(void **state)
{
	(void)state;
	assert_true(near("OPENAI_API_KEY", "OPENAI_API_KYE"));
	assert_true(near("OPENAI_API_KEY", "OPNEAI_API_KEY"));
	assert_true(near("ANTHROPIC_API_KEY", "ANTROPIC_API_KEY"));
	assert_true(near("ANTHROPIC_API_KEY", "ANTHORPIC_API_KYE"));
	assert_true(near("GROQ_API_KEY", "GORQ_API_KEY"));
}

static void takes_other_spellings_for_one_name(void **state)
{
	(void)state;
	assert_true(near("OPENAI_API_KEY", "OPEN_AI_KEY"));
	assert_true(near("OPENAI_API_KEY", "OPENAI_KEY"));
	assert_true(near("OPENAI_API_KEY", "OPENAI_APIKEY"));
	assert_true(near("OPENAI_API_KEY", "openai_api_key"));
	assert_true(near("OPENAI_API_KEY", "OPENAI_TOKEN"));
}

static void never_mixes_up_two_names(void **state)
{
	(void)state;
	assert_false(near("GITHUB_TOKEN", "GITLAB_TOKEN"));
	assert_false(near("GROQ_API_KEY", "GROK_API_KEY"));
	assert_false(near("SERVICE_1_TOKEN", "SERVICE_2_TOKEN"));
	assert_false(near("DEV_TOKEN", "DEB_TOKEN"));
	assert_false(near("OPENAI_API_KEY", "OPENAI_API_KEY"));
	assert_false(near("OPENAI_API_KEY", "STRIPE_SECRET_KEY"));
	assert_false(near("A", ""));
}

static void is_not_harmed_by_names_of_any_length(void **state)
{
	char name[300];

	(void)state;
	memset(name, 'A', sizeof name);
	name[sizeof name - 1] = '\0';
	assert_false(near("OPENAI_API_KEY", name));
}

static void knows_families(void **state)
{
	(void)state;
	assert_string_equal(credential_family(STR("GH_TOKEN")),
			    credential_family(STR("GITHUB_TOKEN")));
	assert_null(credential_family(STR("ACME_TOKEN")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_slips_of_the_pen_for_what_they_are),
		cmocka_unit_test(takes_other_spellings_for_one_name),
		cmocka_unit_test(never_mixes_up_two_names),
		cmocka_unit_test(is_not_harmed_by_names_of_any_length),
		cmocka_unit_test(knows_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
