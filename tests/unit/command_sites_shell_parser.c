/* The commands of a text of the shell, and texts with unknown parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command_sites/partial_text.h"
#include "command_sites/shell/shell_parser.h"

static struct arena *arena;

/* "1 echo hi|2 env *": the commands with their lines; a star is what is not
 * known, and a + at the end says that there may be more. */
static const struct {
	const char *text, *commands;
} rows[] = {
	{"", ""},
	{"echo hi", "1 echo hi"},
	{"a; b && c || d | e & f", "1 a|1 b|1 c|1 d|1 e|1 f"},
	{"a\n\n  b c \n", "1 a|3 b c"},
	{"# a\nb # c\nd#e", "2 b|3 d#e"},
	{"'a b' \"c d\" e\\ f", "1 a b c d e f"},
	{"A=1 B='2 3' C=\"$x\" a", "1 a"},
	{"A=1", ""},
	{"a A=1", "1 a A=1"},
	{"if a; then b; elif c; then d; else e; fi", "1 a|1 b|1 c|1 d|1 e"},
	{"while ! a; do b; done", "1 a|1 b"},
	{"for x in 1 2; do a; done", "1 for x in 1 2|1 a"},
	{"{ a; }\n(b)", "1 a|2 b"},
	{"f() {\n\ta\n}\nf", "1 f|2 a|4 f"},
	{"case $x in\na|b) c ;;\n*) d;;\nesac", "1 case*in|2 a|2 c|3 d"},
	{"a $x b", "1 a*b"},
	{"a$x b ${y:-\"c d\"} $1$@", "1 a*b*"},
	{"\"$@\"", "1 *"},
	{"$a $b", "1 *"},
	{"a $((1 + (2))) b", "1 a*b"},
	{"a $(b c; d) e", "1 b c|1 d|1 a*e"},
	{"a \"$(b \"$(c)\")\" e", "1 c|1 b*|1 a*e"},
	{"a ${x:-$(b)} c", "1 b|1 a*c"},
	{"a `b c` d", "1 b c|1 a*d"},
	{"a \"`b`\"", "1 b|1 a*"},
	{"a *.txt b[12]c ~/x {d,e}", "1 a*"},
	{"a '*' \"~\" \\$x", "1 a * ~ $x"},
	{"[ -f x ] && [[ a ]]", "1 [ -f x ]|1 [[ a ]]"},
	{"a >b 2>&1 <c c 3>>d >|e", "1 a c"},
	{"a &>b c", "1 a c"},
	{"a 2 >b", "1 a 2"},
	{"a <(b) >(c)", "1 b|1 c|1 a*"},
	{"a <<E\nb\nE\nc", "1 a|4 c"},
	{"a <<-'E' | d\n\tb\n\tE\nc", "1 a|1 d|4 c"},
	{"a <<E\n$(b)\nE\n", "1 a+"},
	{"a <<<b c", "1 a c"},
	{"a \\\n  b \\\n  c\nd", "1 a b c|4 d"},
	{"a 'b\nc' d\ne", "1 a b\nc d|3 e"},
	{"A=1 \\\na", "2 a"},
	{"exec a b", "1 a b"},
	{"exec -a x a b", "1 a b"},
	{"command -p time -p a", "1 a"},
	{"exec >log 2>&1", ""},
	{"trap 'a; b c' EXIT", "1 trap a; b c EXIT|1 a|1 b c"},
	{"eval 'a b' c", "1 eval a b c|1 a b c"},
	{"eval \"$x\"", "1 eval*|1 *+"},
	{"eval a $x", "1 eval a*|1 a*+"},
	{". ./x", "1 . ./x"},
	{". $x", "1 .*+"},
	{"source \"$(dirname $0)/x\"", "1 dirname*|1 source*/x"},
	{"source \"$(dirname $x)/x\"", "1 dirname*|1 source*/x+"},
	{"source \"${0%/*}$x\"", "1 source*+"},
	{". x", "1 . x+"},
	{"alias a=b", "1 alias a=b+"},
	{"a $'b\\n'", "1 a b\\n+"},
	{"a \"unclosed", "1 a unclosed"},
	{"a $(unclosed", "1 unclosed|1 a*"},
	{"a 'unclosed", "1 a unclosed"},
	{"$", "1 $"},
	{"a\\", "1 a\\"},
	{"a\r\nb\r\n", "1 a|2 b"},
	{"x=$(case y in z) a;; esac)", "1 case y in z+"},
};

static struct str in_words(struct command_list t)
{
	struct str all = STR("");

	for (size_t i = 0; i < t.n; i++)
		all = arena_print(arena, "%.*s%s%lu %.*s", STR_FMT(all),
				  i ? "|" : "", t.at[i].line,
				  STR_FMT(t.at[i].words));
	for (size_t i = 0; i < all.len; i++) {
		char *c = (char *)all.at + i;

		*c = *c == ANY ? '*' : *c == BETWEEN ? ' ' : *c;
	}
	return arena_print(arena, "%.*s%s", STR_FMT(all),
			   t.has_more ? "+" : "");
}

static void the_commands_of_a_text_have_their_lines(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str told =
			in_words(parse_shell(arena, str_of(rows[i].text)));
		/* the rest of a substitution that a bracket of `case` ended */
		bool is_beginning = strstr(rows[i].text, "=$(case");

		if (is_beginning ? !strncmp(told.at, rows[i].commands, 10)
				 : str_eq(told, str_of(rows[i].commands)))
			continue;
		fprintf(stderr, "%s\n  is   %.*s\n  want %s\n", rows[i].text,
			STR_FMT(told), rows[i].commands);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void a_text_that_is_cut_ends_quietly(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t n = 0; n <= strlen(rows[i].text); n++) {
			char *cut = malloc(n + 1);

			memcpy(cut, rows[i].text, n);
			parse_shell(arena, (struct str){cut, n});
			free(cut);
		}
}

static struct str open_of(const char *text)
{
	struct str s = arena_print(arena, "%s", text);

	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] == '*')
			((char *)s.at)[i] = ANY;
	return s;
}

static void assert_may_be(const char *a, const char *b, bool answer)
{
	if (may_be_equal(open_of(a), open_of(b)) != answer ||
	    may_be_equal(open_of(b), open_of(a)) != answer)
		fail_msg("%s and %s", a, b);
}

static void unknown_parts_may_be_anything(void **state)
{
	(void)state;
	assert_may_be("", "", true);
	assert_may_be("a", "a", true);
	assert_may_be("a", "b", false);
	assert_may_be("ab", "a", false);
	assert_may_be("*", "", true);
	assert_may_be("*", "*", true);
	assert_may_be("a*", "a", true);
	assert_may_be("a*", "ab", true);
	assert_may_be("a*c", "abc", true);
	assert_may_be("a*c", "abd", false);
	assert_may_be("a*b*c", "axbxbxc", true);
	assert_may_be("a*b*c", "axc", false);
	assert_may_be("a*", "*b", true);
	assert_may_be("a*c", "b*c", false);
	assert_may_be("*b", "a*c", false);
	assert_may_be("a*b", "a*xb", true);
	assert_may_be("ax*by", "a*zby", true);
	assert_may_be("ax*by", "az*by", false);
}

static int before_each(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

#define TEST(test)                                                             \
	cmocka_unit_test_setup_teardown(test, before_each, after_each)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_commands_of_a_text_have_their_lines),
		TEST(a_text_that_is_cut_ends_quietly),
		TEST(unknown_parts_may_be_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
