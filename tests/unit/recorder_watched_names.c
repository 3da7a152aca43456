#include "recorder_host.h"

#include "recorder/lib/str.h"

static bool is_watched(const char *name)
{
	return is_watched_name(name, strlen(name));
}

static bool is_entry_watched(const char *entry)
{
	return is_watched_entry(entry, strcspn(entry, "="));
}

static void every_name_of_the_catalogue_is_watched(void **state)
{
	static const char *const names[] = {
#define CREDENTIAL(name, family) name,
#include "keytrail/credentials.def"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		if (!is_watched(names[i]))
			fail_msg("%s", names[i]);
}

static void every_suffix_makes_a_name_watched_but_not_alone(void **state)
{
	static const char *const suffixes[] = {
#define SUFFIX(text) text,
#include "keytrail/credentials.def"
	};
	char name[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(suffixes); i++) {
		snprintf(name, sizeof name, "ACME%s", suffixes[i]);
		if (!is_watched(name))
			fail_msg("%s", name);
		snprintf(name, sizeof name, "ACME%sS_HERE", suffixes[i]);
		if (is_watched(name))
			fail_msg("%s", name);
	}
	assert_false(is_watched("_KEY"));
	assert_false(is_watched("_PAT"));
}

static void names_near_to_known_ones_are_watched(void **state)
{
	static const char *const near[] = {
		"OPEN_AI_KEY",	     "OPENAI_APIKEY",	"OPENAI_KEY",
		"OPENAI_API_KYE",    "OPENAI_API_KEY_", "OPENAI_API_KEY2",
		"OPENAI_API_KEYS",   "OPENAIKEY",	"OPNEAI_API_KEY",
		"OPENAI_API_KEY ",   "OPENAI_TOKN",	"OPENAI_APYKEY",
		"ANTROPIC_API_KEY",  "CLAUDE_APIKEY1",	"GEMINI_APIKEY_PROD",
		"AWS_ACCESS_KEYID",  "GITHUB_TOKENZ",	"HF_TOKNE",
		"STRIPE_SECRETS",    "XAI_APIKY",	"OPENAI_API",
		"OPENAI_api_key_id",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(near); i++)
		if (!is_watched(near[i]))
			fail_msg("%s", near[i]);
}

static void endings_are_watched_in_any_case(void **state)
{
	static const char *const names[] = {
		"OpenAI_Api_Key",
		"openai_api_key",
		"INPUT_API-KEY",
		"openai-api-key",
		"openaiApiKey",
		"dbPassword",
		"dbKey",
		"s3Key",
		"githubToken",
		"awsAccessKeyId",
		"AzureClientSecret",
		"OpenAI__ApiKey",
		"sentryDsn",
		"slackWebhookUrl",
		"Db_Pass",
		"dbPass",
		"openAIKey",
		"npm_config__auth",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		if (!is_watched(names[i]))
			fail_msg("%s", names[i]);
}

static void settings_of_the_catalogue_are_watched(void **state)
{
	(void)state;
	assert_true(is_watched("OPENAI_BASE_URL"));
	assert_true(is_watched("AWS_PROFILE"));
	assert_true(is_watched("KUBECONFIG"));
	assert_true(is_watched("MONGO_URI"));
	assert_false(is_watched("MY_KUBECONFIG"));
}

static void ordinary_names_are_not_watched(void **state)
{
	static const char *const names[] = {
		"",
		"_",
		"A",
		"KEY",
		"KEYS",
		"KEYBOARD",
		"KEYMAP",
		"KEYTRAIL",
		"KEYTRAIL_LIB",
		"PATH",
		"HOME",
		"PWD",
		"OLDPWD",
		"USER",
		"LANG",
		"LC_ALL",
		"TERM",
		"SHELL",
		"SHLVL",
		"DISPLAY",
		"XAUTHORITY",
		"COLORTERM",
		"LS_COLORS",
		"LD_PRELOAD",
		"SSH_AUTH_SOCK",
		"SSH_ASKPASS",
		"GIT_ASKPASS",
		"GPG_AGENT_INFO",
		"DBUS_SESSION_BUS_ADDRESS",
		"MONKEYS",
		"TOKENIZERS_PARALLELISM",
		"NODE_ENV",
		"NODE_OPTIONS",
		"OPENAI_PROJECT_URL",
		"ACME_1",
		"OPENAI_API_VERSION",
		"OPENAI_API_TYPE",
		"OPENAI_MODEL",
		"OPENAI_ORG_ID",
		"OPENAI_LOG",
		"ACME_2",
		"ANTHROPIC_MODEL",
		"ANTHROPIC_MODEL_URL",
		"GOOGLE_CLOUD_PROJECT",
		"AWS_ZONE",
		"ACME_3",
		"ACME_4",
		"ACME_5",
		"GITHUB_REPOSITORY",
		"GITHUB_ACTOR",
		"HF_HOME",
		"openai",
		"http_proxy",
		"no_proxy",
		"npm_config_user_agent",
		"npm_package_name",
		"monkey",
		"Monkey",
		"DONKEY",
		"turkEY",
		"bypass",
		"Compass",
		"Key",
		"aKeyboard",
		"openaiKeyboard",
		"apikey",
		"keyId",
		"npm_lifecycle_event",
		"INIT_CWD",
		"ProgramFiles",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		if (is_watched(names[i]))
			fail_msg("%s", names[i]);
}

static void a_name_ends_where_its_length_says(void **state)
{
	(void)state;
	assert_true(is_watched_name("OPENAI_API_KEY=x", 14));
	assert_true(is_watched_name("TOKEN_OF_LOVE", 5));
	assert_false(is_watched_name("OPENAI_API_KEY", 6));
	assert_false(is_watched_name("MY_KEYBOARD", 5));
}

static void reads_no_byte_beyond_a_short_name(void **state)
{
	char *page = host_map(8192), *end = page + 4096;

	(void)state;
	mprotect(end, 4096, PROT_NONE);
	for (size_t n = 0; n < 32; n++) {
		memcpy(end - n, "_KEY_KEY_KEY_KEY_KEY_KEY_KEY_KEY", n);
		is_watched_name(end - n, n);
	}
	munmap(page, 8192);
}

static void globs_match_as_a_shell_would(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool matches;
	} table[] = {
		{"*", "", true},
		{"*", "A", true},
		{"", "", true},
		{"", "A", false},
		{"A", "A", true},
		{"A", "a", false},
		{"A", "AB", false},
		{"AB", "A", false},
		{"A?", "AB", true},
		{"A?", "A", false},
		{"?", "", false},
		{"A*", "A", true},
		{"*A", "BA", true},
		{"*A", "AB", false},
		{"*A*B", "xAyAzB", true},
		{"*A*B", "xAyAzBc", false},
		{"A*B*C", "AxBxBxC", true},
		{"A**B", "AB", true},
		{"*??", "A", false},
		{"*??", "AB", true},
		{"[A]", "A", false},
		{"A.", "AB", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++)
		if (glob_matches(table[i].pattern, table[i].name,
				 strlen(table[i].name)) != table[i].matches)
			fail_msg("%s %s", table[i].pattern, table[i].name);
}

static void a_hostile_glob_does_not_take_for_ever(void **state)
{
	char name[201], pattern[201] = "";

	(void)state;
	memset(name, 'a', 200);
	name[200] = '\0';
	for (int i = 0; i < 99; i++)
		strcat(pattern, "*a");
	assert_true(glob_matches(pattern, name, 200));
	strcat(pattern, "b");
	assert_false(glob_matches(pattern, name, 200));
}

static void the_users_patterns_are_watched_beside_the_catalogue(void **state)
{
	(void)state;
	watched_names_start("ACME_*\0X\0DB?\0");
	assert_true(is_watched("ACME_URL"));
	assert_true(is_watched("X"));
	assert_true(is_watched("DB1"));
	assert_true(is_watched("OPENAI_API_KEY"));
	assert_false(is_watched("DB12"));
	assert_false(is_watched("XX"));
	watched_names_start("");
	assert_false(is_watched("X"));
}

static void
an_entry_is_watched_by_name_or_by_the_form_of_its_value(void **state)
{
	(void)state;
	assert_true(is_entry_watched("OPENAI_API_KEY=x"));
	assert_true(is_entry_watched("OPENAI_API_KEY="));
	assert_true(is_entry_watched("FOO=sk-ant-REDACTED0"));
	assert_true(is_entry_watched("FOO=ghp_0123456789abcdef"));
	assert_true(is_entry_watched("=sk-proj-0123456789"));
	assert_false(is_entry_watched("FOO=sk-short"));
	assert_false(is_entry_watched("FOO=ask-ant-REDACTED"));
	assert_false(is_entry_watched("FOO=hunter2hunter2hunter2"));
	assert_false(is_entry_watched("FOO="));
}

static void an_entry_without_a_value_is_not_watched(void **state)
{
	(void)state;
	assert_false(is_entry_watched("OPENAI_API_KEY"));
	assert_false(is_entry_watched(""));
}

static void our_own_two_variables_are_never_watched(void **state)
{
	(void)state;
	watched_names_start("*\0");
	assert_false(is_entry_watched("LD_PRELOAD=/x/libkeytrail.so"));
	assert_false(is_entry_watched("KEYTRAIL=dir=/t,key=00"));
	assert_true(is_entry_watched("KEYTRAIL_X=1"));
	assert_true(is_entry_watched("LD_PRELOADX=1"));
	assert_true(is_entry_watched("KEYTRAI=1"));
	watched_names_start("");
	assert_true(is_ours("LD_PRELOAD", 10) && is_ours("KEYTRAIL=off", 8));
	assert_false(is_ours("LD_PRELOAD", 9) || is_ours("KEYTRAIL", 7));
}

/* The first test of all: before watched_names_start nothing is known. */
static void nothing_is_watched_before_the_start(void **state)
{
	(void)state;
	assert_false(is_watched("OPENAI_API_KEY"));
	assert_false(is_watched("OPENAI_API_KYE"));
	watched_names_start("");
	assert_true(is_watched("OPENAI_API_KEY"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_watched_before_the_start),
		cmocka_unit_test(every_name_of_the_catalogue_is_watched),
		cmocka_unit_test(
			every_suffix_makes_a_name_watched_but_not_alone),
		cmocka_unit_test(names_near_to_known_ones_are_watched),
		cmocka_unit_test(endings_are_watched_in_any_case),
		cmocka_unit_test(settings_of_the_catalogue_are_watched),
		cmocka_unit_test(ordinary_names_are_not_watched),
		cmocka_unit_test(a_name_ends_where_its_length_says),
		cmocka_unit_test(reads_no_byte_beyond_a_short_name),
		cmocka_unit_test(globs_match_as_a_shell_would),
		cmocka_unit_test(a_hostile_glob_does_not_take_for_ever),
		cmocka_unit_test(
			the_users_patterns_are_watched_beside_the_catalogue),
		cmocka_unit_test(
			an_entry_is_watched_by_name_or_by_the_form_of_its_value),
		cmocka_unit_test(an_entry_without_a_value_is_not_watched),
		cmocka_unit_test(our_own_two_variables_are_never_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
