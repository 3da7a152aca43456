#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "recorder/process/credential_words.h"

static void messages_about_a_credential(void **state)
{
	static const char *const texts[] = {
		"401",
		"HTTP 401: no",
		"status=401",
		"(401) Unauthorized",
		"Invalid API key",
		"OPENAI_API_KEY is not set",
		"invalid apiKey",
		"Incorrect api-key provided",
		"Authentication failed",
		"no credentials",
		"missing bearer token",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_true(speaks_of_credential_text(texts[i]));
}

static void other_messages(void **state)
{
	static const char *const texts[] = {
		"",	     "disk full",     "14015 rows", "line 4011",
		"port 1401", "rate limit",    "key error",  "token limit",
		"x401",	     "404 not found", "api",	    "invalid",
	};
	char text[600];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_false(speaks_of_credential_text(texts[i]));
	assert_false(speaks_of_credential_text(NULL));
	memset(text, 'x', sizeof text);
	strcpy(text + 580, " 401");
	assert_false(speaks_of_credential_text(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_about_a_credential),
		cmocka_unit_test(other_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
