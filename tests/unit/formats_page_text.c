#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "formats/page_text.h"

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void reads(unsigned width, const char *page, const char *text)
{
	struct out o = out_to_memory(arena);
	struct str got;

	o.width = width;
	page_print(&o, page);
	got = out_memory(&o);
	assert_string_equal(arena_print(arena, "%.*s", STR_FMT(got)).at, text);
}

static void prose_is_joined_and_wrapped(void **state)
{
	(void)state;
	reads(20, "# A title\n\nOne two three\nfour five six seven\n",
	      "A title\n\nOne two three four\nfive six seven\n");
	reads(12, "- one two\n  three\n- four\n",
	      "- one two\n  three\n- four\n");
	reads(40, "see [the list](names.md) [x] \\| y\n",
	      "see the list [x] | y\n");
}

static void code_stays_as_it_is(void **state)
{
	(void)state;
	reads(10, "    a long line of code  # here\n",
	      "    a long line of code  # here\n");
	reads(10, "```sh\n# no title\n- no item\n```\nend\n",
	      "    # no title\n    - no item\nend\n");
	reads(10, "```\nnever closed", "    never closed\n");
}

static void a_table_is_two_columns(void **state)
{
	(void)state;
	reads(24,
	      "| tool | do |\n|---|---|\n| `a \\| b` | one two three four |\n| "
	      "cron | |\n",
	      "  tool     do\n  `a | b`  one two three\n           four\n  "
	      "cron\n");
	reads(60,
	      "| a cell that is wider than thirty columns | x |\n| b | y |\n",
	      "  a cell that is wider than thirty columns\n     x\n  b  y\n");
}

static void a_broken_page_is_printed(void **state)
{
	(void)state;
	reads(20, "", "");
	reads(20, "|", "");
	reads(20, "#", "\n");
	reads(20, "| one", "  one\n");
	reads(20, "[a](b", "[a](b\n");
	reads(20, "\x1b[31m", "?[31m\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(prose_is_joined_and_wrapped),
		TEST(code_stays_as_it_is),
		TEST(a_table_is_two_columns),
		TEST(a_broken_page_is_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
