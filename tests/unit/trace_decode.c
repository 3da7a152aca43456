#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "trace/decode.h"
#include "trace/env_file.h"

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

static void a_value_cut_short_and_a_second_entry(void **state)
{
	(void)state;
	assert_true(is_decoded(STR("{\"e\":\"set\",\"cut\":true}")));
	assert_true(e.is_cut && !e.cut.n);
	assert_true(is_decoded(STR("{\"e\":\"exec\",\"cut\":[\"A_KEY\"]}")));
	assert_true(!e.is_cut && e.cut.n == 1);
	assert_str(e.cut.at[0], "A_KEY");
	assert_true(is_decoded(STR("{\"e\":\"birth\",\"env\":{\"A_KEY\":{"
				   "\"fp\":\"1\"}},\"again\":{\"A_KEY\":{"
				   "\"fp\":\"2\"}}}")));
	assert_int_equal(e.env.n, 1);
	assert_str(e.again.at[0].value.fp, "2");
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

static void an_open_tells_the_file_and_whether_it_was_there(void **state)
{
	(void)state;
	assert_true(is_decoded(STR(
		"{\"e\":\"open\",\"t\":5,\"image\":\"7.12\",\"fn\":\"stat\","
		"\"path\":\"/srv/.env\",\"errno\":2,\"probe\":true}")));
	assert_int_equal(e.kind, KT_OPEN);
	assert_str(e.path, "/srv/.env");
	assert_true(e.probe && !e.write && e.has_errno && e.error == 2);
	assert_false(event_is_of_run(&e));
	assert_true(is_decoded(
		STR("{\"e\":\"open\",\"path\":\"/a/.env\",\"write\":true}")));
	assert_true(!e.probe && e.write && !e.has_errno && !e.file);
}

static void a_file_tells_what_it_assigns_in_any_order_of_fields(void **state)
{
	const struct file_variable *v;

	(void)state;
	assert_true(is_decoded(STR(
		"{\"e\":\"file\",\"comment\":[\"A_KEY\",3],\"lines\":{\"A_"
		"KEY\":"
		"3,\"B_KEY\":\"x\"},\"path\":\"/srv/.env\",\"why\":\"missed\","
		"\"for\":\"/tmp/.env\",\"syntax\":\"dotenv\",\"changed\":1700,"
		"\"values\":{\"A_KEY\":{\"fp\":\"aa\",\"len\":2},\"B_KEY\":{"
		"\"fp\":\"bb\"}},\"whole\":{\"A_KEY\":{\"fp\":\"cc\"}},"
		"\"relations\":{\"A_KEY\":[{\"fp\":\"dd\",\"is\":\"prefix\"},7,"
		"{\"is\":\"novel\"}]}}")));
	assert_int_equal(e.kind, KT_FILE);
	assert_true(event_is_of_run(&e));
	assert_int_equal(e.changed, 1700);
	assert_int_equal(e.file->why, KT_FILE_MISSED);
	assert_str(e.file->for_path, "/tmp/.env");
	assert_str(e.file->syntax, "dotenv");
	assert_int_equal(e.file->n, 2);
	v = file_variable(&e, STR("A_KEY"));
	assert_str(v->value.fp, "aa");
	assert_str(v->whole.fp, "cc");
	assert_true(v->line == 3 && v->comment && v->n_relations == 2);
	assert_str(v->relations[0].fp, "dd");
	assert_int_equal(v->relations[0].is, KT_RELATION_PREFIX);
	assert_int_equal(v->relations[1].is, KT_RELATION_COUNT);
	v = file_variable(&e, STR("B_KEY"));
	assert_true(!v->line && !v->comment && !v->whole.fp.len);
	assert_null(file_variable(&e, STR("C_KEY")));
}

static void a_file_of_too_many_variables_or_other_types_is_cut(void **state)
{
	char line[8192] = "{\"e\":\"file\",\"why\":{\"a\":1},\"values\":[],"
			  "\"lines\":{";
	size_t n = strlen(line);

	(void)state;
	for (int i = 0; i < KT_FILE_VARIABLES + 9; i++)
		n += (size_t)sprintf(line + n, "%s\"N%d\":%d", i ? "," : "", i,
				     i);
	strcpy(line + n, "}}");
	assert_true(is_decoded(str_of(line)));
	assert_int_equal(e.file->why, KT_FILE_REASON_COUNT);
	assert_int_equal(e.file->n, KT_FILE_VARIABLES);
}

static void a_request_has_a_list_of_credentials(void **state)
{
	(void)state;
	assert_true(is_decoded(
		STR("{\"e\":\"request\",\"number\":3,\"method\":\"POST\","
		    "\"host\":\"api.openai.com\",\"port\":443,\"tls\":true,"
		    "\"path\":\"/v1\",\"peer\":\"[::1]:443\",\"credentials\":["
		    "{\"header\":\"authorization\",\"scheme\":\"Bearer\","
		    "\"value\":{\"fp\":\"aa\",\"len\":9},\"name\":\"A_KEY\","
		    "\"held\":\"before\",\"later\":[1]},7,"
		    "{\"header\":\"x-api-key\"}]}")));
	assert_int_equal(e.kind, KT_REQUEST);
	assert_true(e.number == 3 && e.port == 443 && e.tls && !e.incoming);
	assert_str(e.method, "POST");
	assert_str(e.host, "api.openai.com");
	assert_str(e.peer, "[::1]:443");
	assert_int_equal(e.credentials.n, 2);
	assert_str(e.credentials.at[0].header, "authorization");
	assert_str(e.credentials.at[0].scheme, "Bearer");
	assert_str(e.credentials.at[0].value.fp, "aa");
	assert_str(e.credentials.at[0].name, "A_KEY");
	assert_str(e.credentials.at[0].held, "before");
	assert_str(e.credentials.at[1].header, "x-api-key");
	assert_int_equal(e.credentials.at[1].value.fp.len, 0);
}

static void a_response_has_the_number_of_its_request(void **state)
{
	(void)state;
	assert_true(is_decoded(
		STR("{\"e\":\"response\",\"request\":3,\"status\":401,"
		    "\"scheme\":\"Bearer\",\"code\":\"invalid_api_key\"}")));
	assert_int_equal(e.kind, KT_RESPONSE);
	assert_true(e.request == 3 && e.has_status && e.status == 401);
	assert_str(e.scheme, "Bearer");
	assert_str(e.code, "invalid_api_key");
	assert_false(is_decoded(STR("{\"e\":\"request\",\"credentials\":[{}")));
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
		cmocka_unit_test(a_value_cut_short_and_a_second_entry),
		cmocka_unit_test(the_programs_own_line_stands_for_the_address),
		cmocka_unit_test(
			what_a_pack_looked_up_is_kept_apart_from_what_was_told),
		cmocka_unit_test(the_same_key_may_be_a_bool_a_list_or_a_number),
		cmocka_unit_test(says_which_optional_fields_were_there),
		cmocka_unit_test(an_event_says_which_environment_it_touched),
		cmocka_unit_test(
			an_open_tells_the_file_and_whether_it_was_there),
		cmocka_unit_test(
			a_file_tells_what_it_assigns_in_any_order_of_fields),
		cmocka_unit_test(
			a_file_of_too_many_variables_or_other_types_is_cut),
		cmocka_unit_test(a_request_has_a_list_of_credentials),
		cmocka_unit_test(a_response_has_the_number_of_its_request),
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
