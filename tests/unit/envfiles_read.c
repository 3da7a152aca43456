#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "envfiles/env_syntax.h"

/* tests/journeys/env_files.py compares the readers with the real loaders. */

static struct arena *arena;
static struct env_text text;

static const char *environment(const char *name)
{
	return strcmp(name, "OUTER") ? NULL : "outside";
}

static void read_bytes(enum env_syntax syntax, const char *bytes, size_t n)
{
	assert_true(env_text_new(arena, n, &text));
	text.environment = environment;
	memcpy(text.begin, bytes, n);
	env_text_read(&text, syntax);
}

static const struct assignment *find(const char *name)
{
	for (size_t i = 0; i < text.n; i++)
		if (str_eq(text.list[i]->name, str_of(name)))
			return text.list[i];
	return NULL;
}

/* The value of A in the text; NULL: none. */
static const char *a_in(enum env_syntax syntax, const char *bytes)
{
	static char copy[4096];
	const struct assignment *a;
	bool known;

	read_bytes(syntax, bytes, strlen(bytes));
	a = find("A");
	known = a && a->value.at;
	if (known)
		strcpy(copy, a->value.at);
	env_text_wipe(&text);
	return known ? copy : NULL;
}

/* Rows end with a null text; a value of NULL: A is not assigned. */
static void check(enum env_syntax syntax, const char *const rows[][2])
{
	for (size_t i = 0; rows[i][0]; i++) {
		const char *got = a_in(syntax, rows[i][0]);

		if (got && rows[i][1] ? strcmp(got, rows[i][1])
				      : got != rows[i][1])
			fail_msg("%s: <%s> is <%s>, not <%s>",
				 env_syntax_word(syntax), rows[i][0],
				 got ? got : "none",
				 rows[i][1] ? rows[i][1] : "none");
	}
}

static void reads_dotenv(void **state)
{
	static const char *const rows[][2] = {{"A=b", "b"},
					      {" export A = b # c", "b"},
					      {"A=b#c", "b"},
					      {"A='b#c' # d", "b#c"},
					      {"A=\"x\\ny\"", "x\ny"},
					      {"A='x\\ny'", "x\\ny"},
					      {"A=\"x\ny\"\nB=1", "x\ny"},
					      {"A=\"open", "\"open"},
					      {"A=$OUTER", "$OUTER"},
					      {"\xef\xbb\xbf"
					       "A=b\r\n",
					       "b"},
					      {"A: b", "b"},
					      {"A:b", NULL},
					      {"#A=b", NULL},
					      {"A=1\nA=2", "2"},
					      {"A=", ""},
					      {NULL, NULL}};

	(void)state;
	check(ENV_DOTENV, rows);
}

static void reads_a_shell(void **state)
{
	static const char *const rows[][2] = {
		{"A=b", "b"},
		{"A=$OTHER", ""},
		{"A=sk$abc", "sk"},
		{"A=sk$7fX$abc", "skfX"},
		{"A=$OUTER", "outside"},
		{"X=in\nA=${X}-$X", "in-in"},
		{"A=${NO:-else}", "else"},
		{"A=${NO-else}", "else"},
		{"A=${NO+else}", NULL},
		{"B=\nA=${B:-else}", "else"},
		{"B=\nA=${B-else}", ""},
		{"A=\"${OUTER} \\\"x\\\" \\n\"", "outside \"x\" \\n"},
		{"A='$OUTER'", "$OUTER"},
		{"A=b\\ c", "b c"},
		{"A=b # c", "b"},
		{"A=b#c", "b#c"},
		{"A=b c", NULL},
		{"export A=b c", "b"},
		{"A=b; export A", "b"},
		{"A=b command", NULL},
		{"A=$(date)", NULL},
		{"A=`date`", NULL},
		{"A=b\r\n", "b\r"},
		{"\xef\xbb\xbf"
		 "A=b",
		 NULL},
		{"\xef\xbb\xbf"
		 "A=b\nA=c",
		 "c"},
		{"\xef\xbb\xbf"
		 "# text\nA=b",
		 "b"},
		{"if true; then A=b; fi", "b"},
		{"A=\"open", NULL},
		{"A='open", NULL},
		{"A=b\\\nc", "bc"},
		{"A=b&", NULL},
		{"A=b|c", NULL},
		{"A=b&&c", "b"},
		{"# A=b", NULL},
		{"A=", ""},
		{NULL, NULL}};

	(void)state;
	check(ENV_SHELL, rows);
}

static void reads_docker(void **state)
{
	static const char *const rows[][2] = {{"A=\"b\"", "\"b\""},
					      {"A=b # c ", "b # c "},
					      {"  A=b", "b"},
					      {"A=b\r\nB=c", "b"},
					      {"\xef\xbb\xbf"
					       "A=b",
					       "b"},
					      {"#A=b", NULL},
					      {"A", NULL},
					      {"A=b\nexport B=c", NULL},
					      {"A=", ""},
					      {NULL, NULL}};

	(void)state;
	check(ENV_DOCKER, rows);
}

static void reads_systemd(void **state)
{
	static const char *const rows[][2] = {{"A=b c ", "b c"},
					      {"A=\"b\" # c", "b# c"},
					      {"A=b # c", "b # c"},
					      {"A='b\\n'", "b\\n"},
					      {"A=\"b\\\"c\\x\"", "b\"c\\x"},
					      {";A=b", NULL},
					      {"A=b\\\nc", "bc"},
					      {"A=$OUTER", "$OUTER"},
					      {"A = b", "b"},
					      {NULL, NULL}};

	(void)state;
	check(ENV_SYSTEMD, rows);
}

static void reads_make(void **state)
{
	static const char *const rows[][2] = {{"A=b", "b"},
					      {"A = b ", "b "},
					      {"export A=b", "b"},
					      {"A := b", "b"},
					      {"A ?= b", NULL},
					      {"A=a\nA += b", NULL},
					      {"A=\"b\"", "\"b\""},
					      {"A=sk$Kb", "skb"},
					      {"A=sk$$Kb", "sk$Kb"},
					      {"A=sk$", "sk$"},
					      {"A=$(OUTER)-${NO}", "outside-"},
					      {"X=in\nA=$X$(X)", "inin"},
					      {"A=$(shell date)", NULL},
					      {"A=$(X:a=b)", NULL},
					      {"A=b #c", "b "},
					      {"A=b#c", "b"},
					      {"A=b\\#c", "b#c"},
					      {"A=b \\\n  c", "b c"},
					      {"A=b\r\n", "b"},
					      {"A: b=c", NULL},
					      {"#A=b", NULL},
					      {"A=", ""},
					      {NULL, NULL}};

	(void)state;
	check(ENV_MAKE, rows);
}

/* A part of the value falls away, where a $ stands for no variable. */
static void tells_what_falls_away(void **state)
{
	static const struct {
		const char *bytes, *whole; /* of A; null: all is read */
		enum env_syntax syntax;
	} rows[] = {
		{"A=sk$Kb", "sk$Kb", ENV_MAKE},
		{"A=sk$$Kb", NULL, ENV_MAKE},
		{"K=in\nA=sk$Kb", NULL, ENV_MAKE},
		{"A=sk$(NO)b", NULL, ENV_MAKE},
		{"A=sk$Kb-c", "sk$Kb-c", ENV_SHELL},
		{"A=\"sk$Kb-c\"", "\"sk$Kb-c\"", ENV_SHELL},
		{"A='sk$Kb'", NULL, ENV_SHELL},
		{"A=sk${NO}b", NULL, ENV_SHELL},
		{"A=sk$OUTER", NULL, ENV_SHELL},
		{"B=sk$K A=b", NULL, ENV_SHELL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct assignment *a;

		read_bytes(rows[i].syntax, rows[i].bytes,
			   strlen(rows[i].bytes));
		a = find("A");
		assert_non_null(a);
		assert_int_equal(a->is_dropped, rows[i].whole != NULL);
		if (rows[i].whole)
			assert_string_equal(a->whole.at, rows[i].whole);
		env_text_wipe(&text);
	}
}

static void reads_the_other_loaders(void **state)
{
	static const char *const python[][2] = {{"A=b # c", "b"},
						{"A=b#c", "b#c"},
						{"A= # c", ""},
						{"A=${OUTER}", "outside"},
						{"A=${NO:-else}", "else"},
						{"A=\"x\\ty\"", "x\ty"},
						{"A=\"open\nB=1", NULL},
						{"A='$x'", "$x"},
						{NULL, NULL}};
	static const char *const ruby[][2] = {{"A=$OUTER!", "outside!"},
					      {"A='$OUTER'", "$OUTER"},
					      {"A=\"\\$OUTER\"", "$OUTER"},
					      {"A=$(date)", NULL},
					      {NULL, NULL}};
	static const char *const node[][2] = {{"A=\"b\\n\"x", "b\n"},
					      {"A=b # c", "b"},
					      {"A='open", "'open"},
					      {"export A=b", "b"},
					      {NULL, NULL}};
	static const char *const php[][2] = {
		{"A=b c", NULL},	   {"A=b # c", "b"},
		{"A=${OUTER}", "outside"}, {"A=${NO}", "${NO}"},
		{"A=b\nB C=d", NULL},	   {NULL, NULL}};

	(void)state;
	check(ENV_PYTHON_DOTENV, python);
	check(ENV_RUBY_DOTENV, ruby);
	check(ENV_NODE, node);
	check(ENV_PHPDOTENV, php);
}

/* A blank beside the '=': a shell takes the name for a command. */
static void a_shell_assigns_nothing_beside_a_blank(void **state)
{
	static const struct {
		const char *bytes, *value; /* of A */
		bool is_spaced;
		enum env_syntax syntax;
	} rows[] = {
		{"A = b", NULL, true, ENV_SHELL},
		{"# c\nA =b # d\nB=c", NULL, true, ENV_SHELL},
		{"export A= b", "", true, ENV_SHELL},
		{"export A = 'b c'", NULL, true, ENV_SHELL},
		{"A=b\nA = c", "b", false, ENV_SHELL},
		{"A = c\nA=b", "b", false, ENV_SHELL},
		{"A= b", NULL, true, ENV_SHELL},
		{"A=  # c", "", false, ENV_SHELL},
		{"A=", "", false, ENV_SHELL},
		{"A = b", "b", true, ENV_DOTENV},
		{"A=b", "b", false, ENV_DOTENV},
	};
	static const char others[] =
		"A= cmd arg\nB == c\n[ C = d ]\nif D; then";

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct assignment *a;

		read_bytes(rows[i].syntax, rows[i].bytes,
			   strlen(rows[i].bytes));
		a = find("A");
		assert_non_null(a);
		assert_int_equal(a->is_spaced, rows[i].is_spaced);
		assert_int_equal(a->value.at != NULL, rows[i].value != NULL);
		if (rows[i].value)
			assert_string_equal(a->value.at, rows[i].value);
		env_text_wipe(&text);
	}
	/* A command with arguments, and a comparison. */
	read_bytes(ENV_SHELL, others, strlen(others));
	assert_null(find("A"));
	assert_null(find("B"));
	assert_null(find("C"));
	env_text_wipe(&text);
}

/* The caller may stand in another environment than the loader did. */
static void an_unknown_environment_leaves_a_value_unknown(void **state)
{
	static const struct {
		enum env_syntax syntax;
		const char *bytes;
		bool is_known;
	} rows[] = {
		{ENV_PYTHON_DOTENV, "A=${OUTER}", false},
		{ENV_PYTHON_DOTENV, "A=${OUTER:-x}", false},
		{ENV_PYTHON_DOTENV, "A=x$OUTER", true},
		{ENV_RUBY_DOTENV, "A=${OUTER}", false},
		{ENV_PHPDOTENV, "A=${OUTER}", false},
		{ENV_SHELL, "A=$OUTER", false},
		{ENV_SHELL, "B=b\nA=$B", true},
		{ENV_DOTENV, "A=${OUTER}", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_true(env_text_new(arena, strlen(rows[i].bytes), &text));
		memcpy(text.begin, rows[i].bytes, strlen(rows[i].bytes));
		env_text_read(&text, rows[i].syntax);
		assert_non_null(find("A"));
		assert_int_equal(find("A")->value.at != NULL, rows[i].is_known);
		env_text_wipe(&text);
	}
}

static void reads_the_section_of_the_profile(void **state)
{
	static const char file[] =
		"[other]\naws_access_key_id = no\n"
		"[default]\naws_access_key_id = AKIA\n"
		"aws_secret_access_key=s/e=c\n# region = x\n";

	(void)state;
	read_bytes(ENV_AWS, file, strlen(file));
	assert_int_equal(text.n, 2);
	assert_string_equal(find("AWS_ACCESS_KEY_ID")->value.at, "AKIA");
	assert_int_equal(find("AWS_ACCESS_KEY_ID")->line, 4);
	assert_string_equal(find("AWS_SECRET_ACCESS_KEY")->value.at, "s/e=c");
	env_text_wipe(&text);
}

static void tells_the_rest_of_a_line_that_a_loader_cuts(void **state)
{
	static const struct {
		enum env_syntax syntax;
		const char *bytes, *whole;
		bool is_comment;
	} rows[] = {
		{ENV_DOTENV, "A=b#c", "b#c", false},
		{ENV_DOTENV, "A=b #c", "b #c", true},
		{ENV_DOTENV, "A='b' #c", NULL, false},
		{ENV_PYTHON_DOTENV, "A=b #c", "b #c", true},
		{ENV_PYTHON_DOTENV, "A=b#c", NULL, false},
		{ENV_SHELL, "A=b$c", "b$c", false},
		{ENV_SHELL, "export A=b c", "b c", false},
		{ENV_SHELL, "A=b # c", "b # c", true},
		{ENV_SHELL, "A=b; export A", NULL, false},
		{ENV_NODE, "A=b#c", "b#c", false},
		{ENV_DOCKER, "A=b #c", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct assignment *a;

		read_bytes(rows[i].syntax, rows[i].bytes,
			   strlen(rows[i].bytes));
		a = find("A");
		assert_non_null(a);
		if (rows[i].whole &&
		    (!a->whole.at || strcmp(a->whole.at, rows[i].whole)))
			fail_msg("%s: %s", rows[i].bytes,
				 a->whole.at ? a->whole.at : "none");
		if (!rows[i].whole && a->whole.at)
			fail_msg("%s: %s", rows[i].bytes, a->whole.at);
		assert_int_equal(a->is_comment, rows[i].is_comment);
		env_text_wipe(&text);
	}
}

static void counts_lines(void **state)
{
	(void)state;
	read_bytes(ENV_DOTENV, "# c\r\n\r\nA=\"x\r\ny\"\r\nB=1", 20);
	assert_int_equal(find("A")->line, 3);
	assert_int_equal(find("B")->line, 5);
	env_text_wipe(&text);
}

/* Any bytes: every reader ends, and leaves only terminated values in memory
 * of the text's. */
static void random_bytes_harm_nobody(void **state)
{
	static const char alphabet[] = "AB=\"'`#$(){}\\ \n\r\t:;&|-x\xef\0[]";
	char bytes[200];
	unsigned seed = 3;

	(void)state;
	for (int round = 0; round < 40000; round++) {
		size_t n = (size_t)round % sizeof bytes;

		for (size_t i = 0; i < n; i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] =
				alphabet[(seed >> 16) % (sizeof alphabet - 1)];
		}
		read_bytes((enum env_syntax)(round % ENV_SYNTAX_COUNT), bytes,
			   n);
		for (size_t i = 0; i < text.n; i++) {
			const struct assignment *a = text.list[i];

			if (!a->value.at)
				continue;
			assert_true(a->value.at >= text.values &&
				    a->value.at + a->value.len <
					    text.values + text.values_room);
			assert_int_equal(a->value.at[a->value.len], 0);
		}
		env_text_wipe(&text);
	}
}

/* A value that names itself again and again may not grow without end. */
static void a_value_has_a_limit(void **state)
{
	char *bytes = malloc(200000), *to = bytes;

	(void)state;
	to += sprintf(to, "A=%0*d\n", 1000, 0);
	for (int i = 0; i < 5000; i++)
		to += sprintf(to, "A=$A$A$A\n");
	read_bytes(ENV_SHELL, bytes, (size_t)(to - bytes));
	assert_true(find("A")->value.len < text.values_room);
	env_text_wipe(&text);
	free(bytes);
}

/* Each reader is done with the longest file in time, whatever stands there. */
static void no_text_takes_long(void **state)
{
	static const char *const pieces[] = {
		"${",	 "A=\"", "A='",	   "A=`", "A=\\\"", " ",    "$(",
		"A=${B", "\"'",	 "A=$A\n", "#",	  "A= #",   "\\\n", "}${"};
	const size_t size = 1 << 20;
	char *bytes = malloc(size);

	(void)state;
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		size_t n = strlen(pieces[i]);
		clock_t begun = clock();

		for (size_t at = 0; at < size; at++)
			bytes[at] = at < 3 ? "A=\""[at] : pieces[i][at % n];
		for (int s = 0; s < ENV_SYNTAX_COUNT; s++) {
			read_bytes((enum env_syntax)s, bytes, size);
			env_text_wipe(&text);
		}
		if (clock() - begun > 10 * CLOCKS_PER_SEC)
			fail_msg("%s", pieces[i]);
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_dotenv),
		cmocka_unit_test(reads_a_shell),
		cmocka_unit_test(a_shell_assigns_nothing_beside_a_blank),
		cmocka_unit_test(an_unknown_environment_leaves_a_value_unknown),
		cmocka_unit_test(reads_docker),
		cmocka_unit_test(reads_systemd),
		cmocka_unit_test(reads_make),
		cmocka_unit_test(tells_what_falls_away),
		cmocka_unit_test(reads_the_other_loaders),
		cmocka_unit_test(reads_the_section_of_the_profile),
		cmocka_unit_test(tells_the_rest_of_a_line_that_a_loader_cuts),
		cmocka_unit_test(counts_lines),
		cmocka_unit_test(random_bytes_harm_nobody),
		cmocka_unit_test(a_value_has_a_limit),
		cmocka_unit_test(no_text_takes_long),
	};
	int failed;

	arena = arena_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
