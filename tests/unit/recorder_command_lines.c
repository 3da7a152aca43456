/* Plays tests/unit/data/command_lines.txt: what is shown of each command line,
 * with passwords that are words, and with random ones of many alphabets. */
#include "recorder_host.h"

#include "recorder/process/redact/redact.h"
#include "recorder/lib/str.h"

#define CASES "tests/unit/data/command_lines.txt"

enum { MOST_ARGS = 24, MOST_BYTES = 1024 };

struct command_line {
	char text[MOST_BYTES]; /* ARGV => SHOWN, torn at the arrow */
	const char *shown;
	int number;
};

/* A line that is no comment and not blank; false at the end. */
static bool next_line(FILE *file, struct command_line *ret)
{
	while (fgets(ret->text, sizeof ret->text, file)) {
		char *arrow = strstr(ret->text, " => ");

		ret->number++;
		ret->text[strcspn(ret->text, "\n")] = '\0';
		if (*ret->text == '#' || !*ret->text)
			continue;
		if (!arrow)
			fail_msg("%s:%d: no =>", CASES, ret->number);
		*arrow = '\0';
		ret->shown = arrow + 4;
		return true;
	}
	return false;
}

static FILE *cases(void)
{
	FILE *file = fopen(CASES, "r");

	if (!file)
		fail_msg("no " CASES "; run it from the root");
	return file;
}

static bool is_placeholder(const char *text)
{
	return str_begins(text, "{S}") || str_begins(text, "{W}") ||
	       str_begins(text, "{U}");
}

/* Quotes go as a shell's do; a placeholder becomes the secret. */
static void split(const char *text, const char *secret, char *to, char **argv)
{
	char quote = '\0';
	size_t count = 0;

	argv[count++] = to;
	for (; *text; text++) {
		if (quote ? *text == quote : *text == '\'' || *text == '"') {
			quote = quote ? '\0' : *text;
		} else if (quote == '"' && *text == '\\' && text[1] == '"') {
			*to++ = *++text;
		} else if (!quote && *text == ' ') {
			*to++ = '\0';
			assert_true(count < MOST_ARGS);
			argv[count++] = to;
		} else if (is_placeholder(text)) {
			to = stpcpy(to, secret);
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
	argv[count] = NULL;
}

/* The text of one JSON string at `at`, which ends behind its quote. */
static char *unescape(const char **at, char *to)
{
	for (; **at != '"'; ++*at) {
		if (**at == '\\' && (*at)[1] != 'u')
			++*at;
		*to++ = **at;
	}
	++*at;
	return to;
}

/* ["a","b"] as a b */
static const char *joined(const char *args)
{
	static char text[4096];
	char *to = text;

	for (args++; *args == '"';) {
		args++;
		to = unescape(&args, to);
		if (*args == ',') {
			args++;
			*to++ = ' ';
		}
	}
	*to = '\0';
	return text;
}

static const char *shown(char **argv)
{
	static char *const no_variables[] = {NULL};
	static struct event_line l;
	size_t before;

	event_begin(&l, KT_EXEC, 1);
	before = l.length;
	redact_args(&l, argv, no_variables, NULL);
	l.at[l.length] = '\0';
	return joined(l.at + before + strlen(",\"args\":"));
}

static unsigned judge(const struct command_line *c, const char *secret)
{
	char words[4 * MOST_BYTES], *argv[MOST_ARGS + 1];
	const char *got;

	split(c->text, secret, words, argv);
	got = shown(argv);
	if (!strcmp(got, c->shown))
		return 0;
	print_error("%s:%d: %s\n  with    %s\n  shown   %s\n  instead %s\n",
		    CASES, c->number, c->text, secret, got, c->shown);
	return 1;
}

/* Which placeholder the line has, 0 for none: one kind in a line. */
static char kind_of_secret(const struct command_line *c)
{
	for (const char *at = c->text; *at; at++)
		if (is_placeholder(at))
			return at[1];
	return 0;
}

static void every_line_is_shown_as_the_table_says(void **state)
{
	static const char *const words[] = {"hunter2", "hunter", "secret",
					    "Winter", "admin123"};
	struct command_line c = {.number = 0};
	unsigned wrong = 0, secrets = 0, innocent = 0;
	FILE *file = cases();

	(void)state;
	while (next_line(file, &c)) {
		size_t count = kind_of_secret(&c) ? ARRAY_LENGTH(words) : 1;

		for (size_t i = 0; i < count; i++)
			wrong += judge(&c, words[i]);
		secrets += kind_of_secret(&c) != 0;
		innocent += !strstr(c.shown, "***");
	}
	fclose(file);
	assert_int_equal(wrong, 0);
	assert_true(secrets >= 185 && innocent >= 100);
}

static const struct {
	char kind;
	const char *letters;
} alphabets[] = {
	{'W', "abcdefghijklmnopqrstuvwxyz"},
	{'W', "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
	{'W', "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"},
	{'W', "0123456789abcdef"},
	{'W', "0123456789"},
	{'W', "aeiou_tns"},
	{'U', "abcXYZ019-_.~"},
	{'U', "%0123456789ABCDEF"},
	{'S', "abcXYZ019+/"},
	{'S', "abc!#%&*+,;:<>?@[]^{|}~=()/.-_$"},
	{'S', "abc \t\n\\'\"`$"},
	{'S', "\xc3\xa9\xc3\xbc\xe2\x82\xac"},
};

static bool suits(size_t alphabet, char kind)
{
	return kind == 'S' || alphabets[alphabet].kind == 'W' ||
	       alphabets[alphabet].kind == kind;
}

/* Of any alphabet; but the first byte makes it no option, no $NAME, no @FILE.
 */
static void make_secret(unsigned *seed, char kind, char *to)
{
	size_t n = 6 + (size_t)rand_r(seed) % 30, which;

	do
		which = (size_t)rand_r(seed) % ARRAY_LENGTH(alphabets);
	while (!suits(which, kind));
	for (size_t i = 0; i < n; i++)
		to[i] = alphabets[which]
				.letters[(size_t)rand_r(seed) %
					 strlen(alphabets[which].letters)];
	if (str_find_char("-$@ \t\n", to[0]))
		to[0] = 'a';
	to[n] = '\0';
}

static void a_random_secret_is_shown_nowhere(void **state)
{
	struct command_line c = {.number = 0};
	unsigned wrong = 0, seed = 17;
	char secret[64], kind;
	FILE *file = cases();

	(void)state;
	while (next_line(file, &c)) {
		kind = kind_of_secret(&c);
		for (int round = 0; kind && round < 100; round++) {
			make_secret(&seed, kind, secret);
			wrong += judge(&c, secret);
		}
	}
	fclose(file);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(every_line_is_shown_as_the_table_says),
		HOST_TEST(a_random_secret_is_shown_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
