#include "recorder_host.h"

#include "keytrail/trace.h"
#include "recorder/process/redact/redact.h"
#include "recorder/process/redact/redact_text.h"
#include "recorder/lib/str.h"
#include "recorder/process/env_state.h"
#include "recorder/state/process_globals.h"

static struct event_line l;
static char *const no_variables[] = {NULL};

/* What is shown of a command line: ["sh","-c"],"argc":2 */
static const char *shown(const char *const *argv, char *const *envp)
{
	size_t before;

	event_begin(&l, KT_EXEC, 1);
	before = l.length;
	redact_args(&l, (char *const *)(uintptr_t)argv, envp, NULL);
	l.at[l.length] = '\0';
	return l.at + before + strlen(",\"args\":");
}

#define SHOWN(...) shown((const char *const[]){__VA_ARGS__, NULL}, no_variables)

/* ---- the values of watched variables */

static const char secret[] = "Quoth-the-raven";

static bool shows_the_secret(const char *text)
{
	for (size_t i = 0; i + 6 <= sizeof secret - 1; i++)
		if (memmem(text, strlen(text), secret + i, 6))
			return true;
	return false;
}

static void a_watched_value_is_masked_in_any_argument(void **state)
{
	static const char *const around[] = {
		"%s",		"x%sy",	       "--name=%s",    "a %s b",
		"sh -c %s",	"echo '%s'",   "a;%s;b",       "http://h/%s",
		"http://%s.h/", "NAME=%s",     "http://h/?%s", "{\"a\":\"%s\"}",
		"(%s)",		"$(%s)",       "%s\n",	       "-x%s",
		"a=b=%s",	"a=%s&b=c",    "/tmp/%s/x",    "/tmp/%s",
		"/tmp/a%s",	"--f=/usr/%s", "\\%s",
	};
	char **envp = HOST_ENV("HOME=/root", "MY_KEY=Quoth-the-raven");
	char argument[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(around); i++) {
		const char *argv[] = {"app", argument, NULL};

		snprintf(argument, sizeof argument, around[i], secret);
		if (shows_the_secret(shown(argv, envp)))
			fail_msg("%s: %s", argument, l.at);
		assert_true(shows_the_secret(shown(argv, no_variables)) ||
			    strstr(l.at, "***"));
	}
}

static void
a_watched_value_is_masked_in_every_place_of_the_command(void **state)
{
	char **envp = HOST_ENV("MY_KEY=Quoth-the-raven", "OTHER=1");

	(void)state;
	for (size_t at = 0; at < 20; at++) {
		const char *argv[21] = {NULL};

		for (size_t i = 0; i < 20; i++)
			argv[i] = i == at ? secret : "argument";
		assert_false(shows_the_secret(shown(argv, envp)));
	}
}

static void a_value_that_has_the_form_of_a_key_is_learnt_too(void **state)
{
	char **envp = HOST_ENV("HARMLESS=hf_aaaaaaaaaaaa-bbbb-cccc");
	const char *argv[] = {"app", "xhf_aaaaaaaaaaaa-bbbb-cccc", NULL};

	(void)state;
	assert_string_equal(shown(argv, envp), "[\"app\",\"***\"],\"argc\":2");
}

static void a_short_value_does_not_mask_everything(void **state)
{
	char **envp = HOST_ENV("MY_KEY=", "A_KEY=a", "B_KEY=app");
	const char *argv[] = {"app", "apple", NULL};

	(void)state;
	assert_string_equal(shown(argv, envp),
			    "[\"app\",\"apple\"],\"argc\":2");
}

/* ---- shapes of a command line */

static void no_arguments_and_no_environment_are_fine(void **state)
{
	static const char *const none[] = {NULL};

	(void)state;
	assert_string_equal(shown(none, no_variables), "[],\"argc\":0");
	assert_string_equal(shown(NULL, NULL), "[],\"argc\":0");
	assert_string_equal(SHOWN(""), "[\"\"],\"argc\":1");
	assert_string_equal(SHOWN("a", "", "b"),
			    "[\"a\",\"\",\"b\"],\"argc\":3");
}

static void sixteen_arguments_are_shown_and_all_are_counted(void **state)
{
	const char *argv[101] = {NULL};

	(void)state;
	for (size_t i = 0; i < 100; i++)
		argv[i] = "x";
	assert_int_equal(host_count(shown(argv, no_variables), "\"x\""), 16);
	assert_non_null(strstr(l.at, "\"argc\":100"));
}

static void a_very_long_argument_is_not_shown(void **state)
{
	char argument[REDACT_ARG_BYTES + 2];

	(void)state;
	memset(argument, '-', sizeof argument);
	argument[REDACT_ARG_BYTES] = '\0';
	assert_null(strstr(SHOWN("a", argument), "***"));
	argument[REDACT_ARG_BYTES] = '-';
	argument[REDACT_ARG_BYTES + 1] = '\0';
	assert_string_equal(SHOWN("a", argument), "[\"a\",\"***\"],\"argc\":2");
}

static void any_bytes_make_valid_json(void **state)
{
	unsigned seed = 1;
	char text[16][220];
	const char *argv[17] = {NULL};

	(void)state;
	for (int round = 0; round < 3000; round++) {
		size_t count = (size_t)rand_r(&seed) % 16 + 1;

		memset(argv, 0, sizeof argv);
		for (size_t i = 0; i < count; i++) {
			size_t n = (size_t)rand_r(&seed) % sizeof text[0];

			for (size_t k = 0; k < n; k++)
				text[i][k] = (char)(rand_r(&seed) % 255 + 1);
			text[i][n ? n - 1 : 0] = '\0';
			argv[i] = text[i];
		}
		shown(argv, no_variables);
		assert_in_range(l.length, 1, LINE_BYTES - 2);
		l.at[l.length] = '}';
		if (!is_json(l.at, l.length + 1u))
			fail_msg("%s", l.at);
	}
}

static void fill(unsigned *seed, const char *letters, char *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = letters[(size_t)rand_r(seed) % strlen(letters)];
	to[n] = '\0';
}

/* However the words of a shell are parted, and though the value has what parts
 * them: no three bytes of it that could be shown are. */
static void a_watched_value_is_in_no_shell_line(void **state)
{
	static const char shell[] = "ab'\"`$(){}<>|&;=-:/@ \n\\#!x";
	unsigned seed = 3;
	char entry[64] = "MY_KEY=", script[300];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		const char *const argv[] = {"sh", "-c", script, NULL};
		char *envp[] = {entry, NULL}, *value = entry + 7;
		size_t n = 6 + (size_t)rand_r(&seed) % 12, before, after;

		fill(&seed, "QRSTUVWXYZ $;|&()<>=:/@{}-", value, n);
		value[0] = 'Q';
		value[n - 1] = 'Z';
		before = (size_t)rand_r(&seed) % 40;
		after = (size_t)rand_r(&seed) % 40;
		fill(&seed, shell, script, before);
		strcpy(script + before, value);
		fill(&seed, shell, script + before + n, after);
		shown(argv, envp);
		l.at[l.length] = '}';
		if (!is_json(l.at, l.length + 1u))
			fail_msg("%s", l.at);
		for (size_t i = 0; i + 3 <= n; i++)
			if (value[i] >= 'Q' && value[i + 1] >= 'Q' &&
			    value[i + 2] >= 'Q' &&
			    memmem(l.at, l.length, value + i, 3))
				fail_msg("%s: %s", script, l.at);
	}
}

/* Whatever stands around it, and however long it is: as a whole argument
 * after a word that announces it, a secret is not shown. */
static void what_follows_an_announcement_is_never_shown(void **state)
{
	static const char *const announcing[] = {
		"--token", "--password", "--pw-key", "Bearer", "X-Api-Key:"};
	unsigned seed = 7;
	char text[64];

	(void)state;
	for (int round = 0; round < 5000; round++) {
		const char *argv[] = {"app", announcing[round % 5], text, NULL};
		size_t n = (size_t)rand_r(&seed) % 50 + 1;

		for (size_t k = 0; k < n; k++)
			text[k] = (char)(rand_r(&seed) % 94 + '!');
		text[n] = '\0';
		if (text[0] == '-' || text[n - 1] == ':')
			continue; /* an option, a header: they announce too */
		shown(argv, no_variables);
		assert_non_null(strstr(l.at, ",\"***\"],\"argc\":3"));
	}
}
static const char *path_shown(const char *path)
{
	size_t before;

	event_begin(&l, KT_BIRTH, 1);
	before = l.length;
	redact_known(&l, "cwd", path);
	l.at[l.length] = '\0';
	return l.at + before + strlen(",\"cwd\":");
}

static const char *source_shown(const char *name)
{
	event_begin(&l, KT_READ, 1);
	event_string(&l, "site");
	redact_source(&l, name);
	event_item_end(&l);
	l.at[l.length] = '\0';
	return strstr(l.at, "\"site\":") + strlen("\"site\":");
}

/* A value may be the name of a directory, by chance: `test`. */
static void a_value_in_a_path_masks_only_the_parts_that_it_touches(void **state)
{
	static const char *const rows[][2] = {
		{"/home/me/test/shop", "\"/home/me/***/shop\""},
		{"/home/me/latest/shop.py", "\"/home/me/***/shop.py\""},
		{"/home/me/shop/test", "\"/home/me/shop/***\""},
		{"/test/me/test/shop", "\"/***/me/***/shop\""},
		{"/srv/one/two+three/four/x.py", "\"/srv/***/x.py\""},
		{"/srv/one/two/x.py", "\"/srv/one/two/x.py\""},
		{"/srv/atest/one/two+three/foury/x", "\"/srv/***/***/x\""},
	};

	(void)state;
	environ = HOST_ENV("MY_KEY=test", "OTHER_KEY=one/two+three/four",
			   "SHORT_KEY=me");
	env_state_begin(environ);
	value_filter_add(&globals->value_filter, secret_of("test"));
	value_filter_add(&globals->value_filter,
			 secret_of("one/two+three/four"));
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		assert_string_equal(path_shown(rows[i][0]), rows[i][1]);
		assert_string_equal(source_shown(rows[i][0]), rows[i][1]);
	}
	assert_string_equal(path_shown("latest"), "\"***\"");
	assert_string_equal(source_shown("test.js"), "\"***\"");
	assert_string_equal(source_shown("https://test/x/shop.js"), "\"***\"");
	assert_string_equal(source_shown("file:///x/test/shop.js"),
			    "\"file:///x/***/shop.js\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(
			a_value_in_a_path_masks_only_the_parts_that_it_touches),
		HOST_TEST(a_watched_value_is_masked_in_any_argument),
		HOST_TEST(
			a_watched_value_is_masked_in_every_place_of_the_command),
		HOST_TEST(a_value_that_has_the_form_of_a_key_is_learnt_too),
		HOST_TEST(a_short_value_does_not_mask_everything),
		HOST_TEST(no_arguments_and_no_environment_are_fine),
		HOST_TEST(sixteen_arguments_are_shown_and_all_are_counted),
		HOST_TEST(a_very_long_argument_is_not_shown),
		HOST_TEST(any_bytes_make_valid_json),
		HOST_TEST(a_watched_value_is_in_no_shell_line),
		HOST_TEST(what_follows_an_announcement_is_never_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
