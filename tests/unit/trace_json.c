#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "trace/json.h"

static struct arena *arena;

static bool is_whole(struct str text)
{
	struct json j = json_of(arena, text);

	json_skip(&j);
	return json_whole(&j);
}

static void takes_what_is_json(void **state)
{
	static const char *const good[] = {
		"{}",
		" [ ] ",
		"0",
		"-0",
		"1.5e-3",
		"[1,2,[3]]",
		"true",
		"null",
		"{\"a\":{\"b\":[\"c\",false]},\"a\":1}",
		"\"\\u00e9\\/\\\\\"",
		"18446744073709551616000",
		"\"\xff\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!is_whole(str_of(good[i])))
			fail_msg("%s", good[i]);
}

static void refuses_what_is_not(void **state)
{
	static const char *const bad[] = {
		"",	      "{",
		"}",	      "[1,]",
		"[,1]",	      "{\"a\"}",
		"{\"a\":}",   "{a:1}",
		"{\"a\":1,}", "01",
		"-",	      "1.",
		"1e",	      "+1",
		".5",	      "tru",
		"nul",	      "\"",
		"\"\\\"",     "\"\\x\"",
		"\"\\u12\"",  "\"\\u12g4\"",
		"\"a\nb\"",   "1 2",
		"[1 2]",      "{\"a\":1 \"b\":2}",
		"[1}",	      "{]",
		"[\"a\":1]",  "\"\x01\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (is_whole(str_of(bad[i])))
			fail_msg("%s", bad[i]);
	assert_false(is_whole(STR("\"a\0b\"")));
}

static void undoes_escapes(void **state)
{
	struct json j = json_of(
		arena, STR("\"\\u00e9\\n\\ud83d\\udd11\\ud800x\\u0000\\\"\""));
	struct str s = json_string(&j);

	(void)state;
	assert_true(json_whole(&j));
	assert_true(
		str_eq(s, STR("\xc3\xa9\n\xf0\x9f\x94\x91\xef\xbf\xbdx\0\"")));
}

static void a_number_too_large_is_the_largest(void **state)
{
	struct json j =
		json_of(arena, STR("[18446744073709551615,18446744073709551616,"
				   "-99999999999999999999999999,2.5]"));
	struct number n;

	(void)state;
	json_open(&j, JSON_ARRAY);
	assert_true(json_item(&j));
	assert_true(json_number(&j).magnitude == UINT64_MAX);
	assert_true(json_item(&j));
	assert_true(json_number(&j).magnitude == UINT64_MAX);
	assert_true(json_item(&j));
	n = json_number(&j);
	assert_true(n.negative && n.magnitude == UINT64_MAX && n.whole);
	assert_true(json_item(&j));
	n = json_number(&j);
	assert_true(n.magnitude == 2 && !n.whole);
	assert_false(json_item(&j));
	assert_true(json_whole(&j));
}

static void deep_nesting_is_refused_and_not_followed(void **state)
{
	static char deep[100000];

	(void)state;
	memset(deep, '[', sizeof deep);
	assert_false(is_whole((struct str){deep, sizeof deep}));
	assert_true(is_whole(STR("[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]")));
}

static void loops_end_after_the_first_thing_that_is_wrong(void **state)
{
	struct json j = json_of(arena, STR("{\"a\":[1,}"));
	struct str key;
	int keys = 0, items = 0;

	(void)state;
	json_open(&j, JSON_OBJECT);
	for (; json_key(&j, &key); keys++)
		for (json_open(&j, JSON_ARRAY); json_item(&j); items++)
			json_skip(&j);
	assert_int_equal(keys, 1);
	assert_int_equal(items, 1);
	assert_false(json_whole(&j));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_is_json),
		cmocka_unit_test(refuses_what_is_not),
		cmocka_unit_test(undoes_escapes),
		cmocka_unit_test(a_number_too_large_is_the_largest),
		cmocka_unit_test(deep_nesting_is_refused_and_not_followed),
		cmocka_unit_test(loops_end_after_the_first_thing_that_is_wrong),
	};
	int failed;

	arena = arena_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
