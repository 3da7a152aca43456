#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "trace/decode.h"

static struct arena *arena;
static struct decoder *decoder;
static struct event e;

static bool is_decoded(struct str line)
{
	return decode(decoder, line, &e);
}

static void assert_str(struct str s, const char *expected)
{
	assert_true(str_eq(s, str_of(expected)));
}

static void a_birth_tells_who_and_what_stands_in_environ(void **state)
{
	(void)state;
	assert_true(is_decoded(STR(
		"{\"e\":\"birth\",\"t\":12,\"image\":\"7.12\",\"by\":\"exec\","
		"\"pid\":7,\"ppid\":1,\"exe\":\"/bin/sh\",\"args\":[\"sh\","
		"\"a\\tb\"],\"argc\":2,\"env\":{\"A_KEY\":{\"fp\":\"8c1f\","
		"\"len\":51,\"is\":[\"lf\",\"novelty\",\"empty\"],\"from\":"
		"\"openai\",\"bare\":\"00\"},\"B_KEY\":{\"fp\":\"aa\"}}}")));
	assert_int_equal(e.kind, KT_BIRTH);
	assert_int_equal(e.t, 12);
	assert_int_equal(e.pid, 7);
	assert_int_equal(e.thread, 1);
	assert_int_equal(e.n, 1);
	assert_int_equal(e.args.n, 2);
	assert_str(e.args.at[1], "a\tb");
	assert_int_equal(e.env.n, 2);
	assert_str(e.env.at[0].name, "A_KEY");
	assert_int_equal(e.env.at[0].value.is, KT_IS_LF | KT_IS_EMPTY);
	assert_int_equal(e.env.at[0].value.len, 51);
	assert_str(e.env.at[0].value.bare, "00");
	assert_str(e.env.at[1].value.fp, "aa");
}

static void the_programs_own_line_stands_for_the_address(void **state)
{
	(void)state;
	assert_true(is_decoded(STR("{\"e\":\"read\",\"at\":\"node+0x1\","
				   "\"site\":\"/a/b.js:3\",\"column\":9}")));
	assert_str(e.at, "node+0x1");
	assert_str(event_site(&e), "/a/b.js:3");
	assert_int_equal(e.column, 9);
}

static void what_a_pack_looked_up_is_kept_apart_from_what_was_told(void **state)
{
	(void)state;
	assert_true(is_decoded(
		STR("{\"e\":\"read\",\"at\":\"node+0x1\",\"site\":"
		    "\"uv_os_getenv\",\"in\":\"f\",\"symbolized\":true}")));
	assert_str(event_site(&e), "uv_os_getenv");
	assert_str(event_function(&e), "f");
	assert_str(event_place(&e), "node+0x1");
	assert_false(event_has_source_line(&e));
	assert_int_equal(e.in.len, 0);
}

static void the_same_key_may_be_a_bool_a_list_or_a_number(void **state)
{
	(void)state;
	assert_true(is_decoded(STR("{\"e\":\"unset\",\"had\":true}")));
	assert_true(e.had_it && !e.had.n);
	assert_true(is_decoded(
		STR("{\"e\":\"clear\",\"had\":{\"A\":{\"fp\":\"1\"}}}")));
	assert_true(!e.had_it && e.had.n == 1);
	assert_true(
		is_decoded(STR("{\"e\":\"pack\",\"lost\":3,\"broken\":4}")));
	assert_true(e.n_lost == 3 && e.n_broken == 4 && !e.lost.n);
}

static void says_which_optional_fields_were_there(void **state)
{
	(void)state;
	assert_true(is_decoded(STR("{\"e\":\"exec\",\"target\":\"static\","
				   "\"handed\":\"someday\",\"errno\":-2}")));
	assert_true(e.has_target && e.target == KT_TARGET_STATIC);
	assert_false(e.has_handed || e.has_status || e.has_child);
	assert_true(e.has_errno && e.error == -2);
}

static void an_event_says_which_environment_it_touched(void **state)
{
	(void)state;
	assert_true(
		is_decoded(STR("{\"e\":\"set\",\"environment\":\"both\"}")));
	assert_true(e.has_environment);
	assert_int_equal(e.environment, KT_ENVIRONMENT_BOTH);
	assert_true(is_decoded(STR("{\"e\":\"set\"}")));
	assert_false(e.has_environment);
	assert_true(
		is_decoded(STR("{\"e\":\"set\",\"environment\":\"third\"}")));
	assert_false(e.has_environment);
	assert_true(is_decoded(
		STR("{\"e\":\"differ\",\"replaced\":true,\"dropped\":2,\"env\":"
		    "{\"A_KEY\":{\"fp\":\"aa\"}},\"lost\":{}}")));
	assert_int_equal(e.kind, KT_DIFFER);
	assert_true(e.replaced && e.dropped == 2 && e.env.n == 1);
}

static void what_a_later_version_says_is_passed_over(void **state)
{
	(void)state;
	assert_true(is_decoded(STR("{\"e\":\"dream\",\"t\":5,\"x\":[{}]}")));
	assert_int_equal(e.kind, KT_EVENT_COUNT);
	assert_true(is_decoded(STR("{\"e\":\"read\",\"t\":\"soon\",\"name\":1,"
				   "\"\":2,\"env\":[],\"value\":null}")));
	assert_int_equal(e.t, 0);
	assert_int_equal(e.name.len, 0);
}

static void what_is_no_event_leaves_the_answer_untouched(void **state)
{
	static const char *const bad[] = {
		"{}",
		"[]",
		"{\"t\":1}",
		"{\"e\":1}",
		"{\"e\":\"read\"",
		"{\"e\":\"read\"}}",
		"{\"e\":\"read\",\"env\":{\"A\":{}}",
	};

	(void)state;
	memset(&e, 0x5a, sizeof e);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(is_decoded(str_of(bad[i])));
	for (size_t i = 0; i < sizeof e; i++)
		assert_int_equal(((unsigned char *)&e)[i], 0x5a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_birth_tells_who_and_what_stands_in_environ),
		cmocka_unit_test(the_programs_own_line_stands_for_the_address),
		cmocka_unit_test(
			what_a_pack_looked_up_is_kept_apart_from_what_was_told),
		cmocka_unit_test(the_same_key_may_be_a_bool_a_list_or_a_number),
		cmocka_unit_test(says_which_optional_fields_were_there),
		cmocka_unit_test(an_event_says_which_environment_it_touched),
		cmocka_unit_test(what_a_later_version_says_is_passed_over),
		cmocka_unit_test(what_is_no_event_leaves_the_answer_untouched),
	};
	int failed;

	arena = arena_new();
	decoder = decoder_new(arena);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
