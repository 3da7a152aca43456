#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "recorder/process/missing_names.h"
#include "recorder/secrets/watched_names.h"

/* The names that a message calls missing, each with a blank behind. */
static const char *found_in(const char *text)
{
	static char all[sizeof(struct missing_names)];
	struct missing_names names = {""};

	missing_names_find(&names, text);
	all[0] = '\0';
	for (const char *n = names.text; *n; n += strlen(n) + 1) {
		strcat(all, n);
		strcat(all, " ");
	}
	return all;
}

static void messages_with_a_name(void **state)
{
	static const char *const texts[] = {
		"\"OPENAI_API_KEY\" is required",
		"Missing env var OPENAI_API_KEY",
		"OPENAI_API_KEY is not set",
		"OPENAI_API_KEY: undefined",
		"Please set OPENAI_API_KEY (OPENAI_API_KEY was NOT FOUND)",
		"required: ${OPENAI_API_KEY}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_string_equal(found_in(texts[i]), "OPENAI_API_KEY ");
}

static void other_messages(void **state)
{
	static const char *const texts[] = {
		"",
		"OPENAI_API_KEY",
		"'OPENAI_API_KEY'",
		"OPENAI_API_KEY is invalid",
		"LANG is not set",
		"openai_api_key is required",
		"MY_OPENAI_API_KEYx is required",
		"OPENAI_API_KEY or ANTHROPIC_API_KEY is required",
		"missing",
	};
	char text[700];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_string_equal(found_in(texts[i]), "");
	assert_string_equal(found_in(NULL), "");
	memset(text, ' ', sizeof text);
	strcpy(text + 505, "OPENAI_API_KEY missing");
	assert_string_equal(found_in(text), "");
}

static void names_without_room(void **state)
{
	struct missing_names names = {""};
	char name[] = "ACME_00_SERVICE_PRODUCTION_API_KEY";
	size_t length = 0, n = strlen(name);

	(void)state;
	for (int i = 0; i < 20; i++) {
		name[5] = (char)('0' + i / 10);
		name[6] = (char)('0' + i % 10);
		missing_names_add(&names, name, n);
		missing_names_add(&names, name, n);
	}
	for (const char *at = names.text; *at; at += strlen(at) + 1)
		length += strlen(at) + 1;
	assert_int_equal(length, 4 * (n + 1));
}

static int start(void **state)
{
	(void)state;
	watched_names_start("\0");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_with_a_name),
		cmocka_unit_test(other_messages),
		cmocka_unit_test(names_without_room),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
