#include "recorder_host.h"

#include "keytrail/trace.h"
#include "recorder/trace/event_line.h"
#include "recorder/process/env_state.h"
#include "recorder/secrets/classify_text.h"
#include "recorder/trace/redact_name.h"
#include "recorder/lib/str.h"

/* The name as a line shows it. */
static const char *shown(const char *name)
{
	static struct event_line l;
	size_t before;

	event_begin(&l, KT_READ, 1);
	before = l.length + strlen(",\"name\":\"");
	event_name(&l, "name", name, strlen(name));
	l.at[l.length - 1] = '\0';
	return l.at + before;
}

static void names_of_variables_are_shown(void **state)
{
	static const char *const names[] = {
		"OPENAI_API_KEY",
		"OPENAI_API_KYE",
		"GOOGLEAPPLICATIONCREDENTIALS",
		"npm_config_user_agent",
		"X_86_64_TOKEN",
		"SERVICE_A1_HOST",
		"",
		"AZURE_OPENAI_API_KEY_2",
		"aws_secret_access_key",
		"MyAppApiKeyName",
		"BASH_FUNC_module%%",
		"HTTP2_AUTH",
		"KEY-WITH-DASH",
		"a.b.c_token",
	};

	(void)state;
	environ = HOST_ENV("HOME=/root", "MY_TOKEN=hunter2horse");
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		assert_string_equal(shown(names[i]), names[i]);
}

static void of_a_name_with_a_value_only_the_name_is_shown(void **state)
{
	(void)state;
	environ = HOST_ENV("HOME=/root");
	assert_string_equal(shown("OPENAI_API_KEY=hunter2"),
			    "OPENAI_API_KEY=***");
	assert_string_equal(shown("OPENAI_API_KEY="), "OPENAI_API_KEY=");
	assert_string_equal(shown("A=b=c"), "A=***");
	assert_string_equal(shown("=hunter2"), "=***");
}

static void a_name_that_is_a_key_is_not_shown(void **state)
{
	static const char *const names[] = {
		"sk-ant-api03-hunter2horse",
		"X_sk-proj-hunter2horse",
		"a8f5f167f44f4964e6c998dee827110c",
		"ghp_hunter2horsehunter",
		"sk-ant-api03-hunter2horse=x",
		"wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
		"123e4567-e89b-12d3-a456-426614174000",
		"Zm9vYmFyQmF6UXV4_KEY",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
	};

	(void)state;
	environ = HOST_ENV("HOME=/root");
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		assert_true(str_begins(shown(names[i]), "***"));
		assert_int_equal(strlen(shown(names[i])), 11);
	}
}

static void two_hidden_names_are_two(void **state)
{
	char first[16];

	(void)state;
	environ = HOST_ENV("HOME=/root");
	strcpy(first, shown("sk-ant-api03-hunter2horse"));
	assert_string_equal(first, shown("sk-ant-api03-hunter2horse"));
	assert_string_not_equal(first, shown("sk-ant-api03-hunter3horse"));
}

static void a_name_that_holds_a_value_is_not_shown(void **state)
{
	char **envp = HOST_ENV("OTHER_SECRET=correct horse", "PLAIN=battery");

	(void)state;
	environ = HOST_ENV("MY_TOKEN=\"hunter2horse\"\n", "SHORT_KEY=abc",
			   "SELF_API_KEY=SELF_API_KEY",
			   "FAKE_KEY=OPENAI_API_KEY");
	env_state_begin(environ);
	value_filter_add(&globals->value_filter, secret_of("correct horse"));
	assert_true(str_begins(shown("hunter2horse"), "***"));
	assert_true(str_begins(shown("X_hunter2horse_KEY"), "***"));
	assert_string_equal(shown("abc_KEY"), "abc_KEY");
	assert_string_equal(shown("SELF_API_KEY"), "SELF_API_KEY");
	assert_string_equal(shown("OPENAI_API_KEY"), "OPENAI_API_KEY");
	assert_int_equal(name_shown("correct horse", 13, environ), 13);
	assert_int_equal(name_shown("correct horse", 13, envp), 0);
	assert_int_equal(name_shown("battery", 7, envp), 7);
}

static void a_list_of_values_shows_no_name_that_is_one(void **state)
{
	char **envp =
		HOST_ENV("HUNTER_TOKEN=CORRECT_HORSE", "CORRECT_HORSE_KEY=1",
			 "sk-ant-api03-hunter2horse_KEY=2");
	static struct event_line l;

	(void)state;
	environ = HOST_ENV("HOME=/root");
	event_begin(&l, KT_EXEC, 1);
	env_state_list_env(&l, "env", envp);
	l.at[l.length] = '\0';
	assert_non_null(strstr(l.at, "\"HUNTER_TOKEN\":{"));
	assert_null(strstr(l.at, "CORRECT"));
	assert_null(strstr(l.at, "hunter2"));
	assert_int_equal(host_count(l.at, "\"***"), 2);
}

/* ---- names that speak of a secret */

static void words_that_announce_a_secret_are_known_in_any_case(void **state)
{
	static const char *const words[] = {
		"token",
		"Api-Key",
		"PASSWORD",
		"passwd",
		"db_pwd",
		"Authorization",
		"Bearer",
		"SENTRY_DSN",
		"Cookie",
		"client-secret",
		"credentials",
		"apiKey",
		"keyStorePassword",
		"API_KEYS",
		"oauth2",
		"--storepass",
		"wifi-sec.psk",
		"npmAuthToken",
		"requirepass",
		"masterauth",
		"pw",
	};
	static const char *const others[] = {
		"port",	      "verbose",    "name",	  "",
		"file",	      "author",	    "keyboard",	  "tokenizer",
		"token-file", "apiKeyFile", "no-auth",	  "max-tokens",
		"passive",    "keyserver",  "auth-type",  "password-stdin",
		"pattern",    "--",	    "public-key", "KEYTRAIL",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (!names_secret(words[i], strlen(words[i])))
			fail_msg("%s", words[i]);
	for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
		if (names_secret(others[i], strlen(others[i])))
			fail_msg("%s", others[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(names_of_variables_are_shown),
		HOST_TEST(of_a_name_with_a_value_only_the_name_is_shown),
		HOST_TEST(a_name_that_is_a_key_is_not_shown),
		HOST_TEST(two_hidden_names_are_two),
		HOST_TEST(a_name_that_holds_a_value_is_not_shown),
		HOST_TEST(a_list_of_values_shows_no_name_that_is_one),
		HOST_TEST(words_that_announce_a_secret_are_known_in_any_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
