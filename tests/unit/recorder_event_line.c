#include "recorder_host.h"

#include "keytrail/trace.h"
#include "recorder/trace/event_caller.h"
#include "recorder/trace/event_line.h"
#include "recorder/lib/str.h"

/* No segment is open here: lines go to the file that others append to. */
static const char *trace(void)
{
	return host_get(host_file("append.jsonl"));
}

static bool is_written(const char *text)
{
	return strstr(trace(), text) != NULL;
}

static struct event_line l;
static struct fingerprint sample = {.length = 51, .provider = 1};

static void begin(enum kt_event kind)
{
	memset(&l, 0x5a, sizeof l);
	event_begin(&l, kind, 12);
}

static void a_line_begins_with_its_event_its_time_and_its_image(void **state)
{
	(void)state;
	begin(KT_EXEC_FAILED);
	event_end(&l);
	assert_string_equal(trace(), "{\"e\":\"exec-failed\",\"t\":12,"
				     "\"image\":\"7.1\"}\n");
}

static void only_a_second_thread_tells_its_number(void **state)
{
	(void)state;
	thread.number = 2;
	begin(KT_READ);
	event_end(&l);
	thread.number = 1;
	begin(KT_READ);
	event_end(&l);
	assert_int_equal(host_count(trace(), "\"thread\":2"), 1);
	assert_int_equal(host_count(trace(), "\"thread\""), 1);
}

static void every_kind_of_field_is_json(void **state)
{
	(void)state;
	begin(KT_SET);
	event_text(&l, "a", "text");
	event_bytes(&l, "b", "texture", 4);
	event_number(&l, "c", UINT64_MAX);
	event_signed(&l, "d", INT64_MIN);
	event_signed(&l, "e2", 7);
	event_bool(&l, "f", true);
	event_bool(&l, "g", false);
	event_array(&l, "h");
	event_array_end(&l);
	event_array(&l, "i");
	event_item(&l);
	event_part(&l, "o", 1);
	event_part(&l, "ne", 2);
	event_item_end(&l);
	event_item(&l);
	event_item_end(&l);
	event_array_end(&l);
	event_fields(&l, "\"j\":1,\"k\":[]");
	event_list(&l, "env");
	event_list_end(&l);
	event_end(&l);
	assert_int_equal(host_lines(trace()), 1);
	assert_non_null(strstr(
		trace(),
		"\"a\":\"text\",\"b\":\"text\",\"c\":18446744073709551615,"
		"\"d\":-9223372036854775808,\"e2\":7,\"f\":true,"
		"\"g\":false,\"h\":[],\"i\":[\"one\",\"\"],\"j\":1,"
		"\"k\":[],\"env\":{}}\n"));
}

static void every_character_is_escaped_as_json_wants_it(void **state)
{
	(void)state;
	begin(KT_READ);
	event_text(&l, "name", "q\" b\\ n\n t\t \x01 \x7f /");
	event_end(&l);
	assert_true(is_written(
		"\"q\\\" b\\\\ n\\u000a t\\u0009 \\u0001 \\u007f /\""));
	for (int c = 1; c < 256; c++) {
		char text[] = {(char)c, 'x', '\0'};

		begin(KT_READ);
		event_text(&l, "name", text);
		event_end(&l);
	}
	assert_int_equal(host_lines(trace()), 256);
}

/* Controls of C1, marks of direction, and characters without a width. */
static void what_a_terminal_obeys_is_escaped(void **state)
{
	static const struct {
		const char *text, *json;
	} table[] = {
		{"\xc2\x85\xc2\x9b", "\\u0085\\u009b"},
		{"\xc2\xa0\xc2\xad", "\xc2\xa0\\u00ad"},
		{"\xd8\x9c", "\\u061c"},
		{"\xe2\x80\x8a\xe2\x80\x8b", "\xe2\x80\x8a\\u200b"},
		{"\xe2\x80\xae\xe2\x80\xaf", "\\u202e\xe2\x80\xaf"},
		{"\xe2\x81\xa6", "\\u2066"},
		{"\xef\xbb\xbfx", "\\ufeffx"},
		{"\xf3\xa0\x81\x81", "\\udb40\\udc41"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char expected[64];

		begin(KT_READ);
		event_text(&l, "name", table[i].text);
		event_end(&l);
		snprintf(expected, sizeof expected, "\"name\":\"%s\"",
			 table[i].json);
		assert_true(is_written(expected));
	}
}

static void utf8_stays_and_what_is_none_stands_byte_for_byte(void **state)
{
	static const struct {
		const char *text, *json;
	} table[] = {
		{"\xc3\xbc", "\xc3\xbc"},
		{"\xe2\x82\xac", "\xe2\x82\xac"},
		{"\xf0\x9f\x94\x91", "\xf0\x9f\x94\x91"},
		{"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
		{"\xff", "\\u00ff"},
		{"\x80x", "\\u0080x"},
		{"\xc3", "\\u00c3"},
		{"\xc3x", "\\u00c3x"},
		{"\xc0\xaf", "\\u00c0\\u00af"},
		{"\xc1\xbf", "\\u00c1\\u00bf"},
		{"\xe0\x9f\xbf", "\\u00e0\\u009f\\u00bf"},
		{"\xed\xa0\x80", "\\u00ed\\u00a0\\u0080"},
		{"\xf0\x8f\xbf\xbf", "\\u00f0\\u008f\\u00bf\\u00bf"},
		{"\xf4\x90\x80\x80", "\\u00f4\\u0090\\u0080\\u0080"},
		{"\xf5\x80\x80\x80", "\\u00f5\\u0080\\u0080\\u0080"},
		{"\xe2\x82", "\\u00e2\\u0082"},
		{"\xe2\x82\"", "\\u00e2\\u0082\\\""},
	};
	char expected[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		begin(KT_READ);
		event_text(&l, "name", table[i].text);
		event_end(&l);
		snprintf(expected, sizeof expected, "\"name\":\"%s\"}",
			 table[i].json);
		if (!is_written(expected))
			fail_msg("%s", table[i].json);
	}
	assert_int_equal(host_lines(trace()), ARRAY_LENGTH(table));
}

static void a_print_tells_all_that_may_be_said_and_no_more(void **state)
{
	struct fingerprint p = {.length = 9, .has_bare = true, .tag = 77};

	(void)state;
	p.is = 1u << KT_SHAPE_BIT_LF | 1u << KT_SHAPE_BIT_QUOTED;
	memset(p.fp, 0xa1, sizeof p.fp);
	memset(p.bare, 0x0b, sizeof p.bare);
	begin(KT_READ);
	event_fingerprint(&l, "value", &p);
	event_fingerprint(&l, "second", &(struct fingerprint){.provider = 1});
	event_end(&l);
	assert_true(is_written(
		"\"value\":{\"fp\":\"a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\","
		"\"len\":9,\"is\":[\"lf\",\"quoted\"],"
		"\"bare\":\"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b\"},"
		"\"second\":{\"fp\":\"00000000000000000000000000000000\","
		"\"len\":0,\"from\":\"openai\"}}"));
	assert_int_equal(host_lines(trace()), 1);
}

static void a_field_that_does_not_fit_is_left_out_whole(void **state)
{
	static char text[LINE_BYTES + 200];

	(void)state;
	for (size_t n = 0; n < sizeof text; n++) {
		memset(text, n % 2 ? '"' : 'x', n);
		text[n] = '\0';
		begin(KT_EXEC);
		event_text(&l, "path", text);
		event_number(&l, "argc", 3);
		event_end(&l);
	}
	assert_int_equal(host_lines(trace()), sizeof text);
	begin(KT_EXEC);
	event_text(&l, "path", text);
	event_text(&l, "fn", "execve");
	event_end(&l);
	assert_true(is_written("\"image\":\"7.1\",\"fn\":\"execve\"}\n"));
}

/* Fills a line up to `length` bytes, or as far as fields are allowed. */
static void fill(size_t length)
{
	static char text[LINE_BYTES];

	while (l.length + 8u < length) {
		size_t n = length - l.length - 7;
		uint16_t before = l.length;

		memset(text, 'x', n);
		event_bytes(&l, "f", text, n);
		if (l.length == before)
			return;
	}
}

static void a_line_of_any_length_stays_json(void **state)
{
	(void)state;
	for (size_t n = 40; n < LINE_BYTES; n++) {
		begin(KT_BIRTH);
		fill(n);
		event_signed(&l, "status", -1);
		event_fingerprint(&l, "value", &sample);
		event_array(&l, "args");
		for (int i = 0; i < 16; i++) {
			event_item(&l);
			event_part(&l, "an argument", 11);
			event_item_end(&l);
		}
		event_array_end(&l);
		event_fields(&l, "\"argc\":16");
		event_list(&l, "env");
		event_list_end(&l);
		event_list(&l, "lost");
		event_list_end(&l);
		event_end(&l);
		assert_true(l.length <= LINE_BYTES);
	}
	assert_int_equal(host_lines(trace()), LINE_BYTES - 40);
}

static void a_list_goes_on_in_lines_of_more(void **state)
{
	char name[32];
	size_t lines;

	(void)state;
	begin(KT_EXEC);
	event_text(&l, "fn", "execve");
	event_list(&l, "env");
	for (int i = 0; i < 100; i++)
		event_value(&l, name, (size_t)sprintf(name, "NAME_%d_KEY", i),
			    &sample);
	event_list_end(&l);
	event_list(&l, "lost");
	event_value(&l, "GONE", 4, &sample);
	event_list_end(&l);
	event_end(&l);
	lines = host_lines(trace());
	assert_in_range(lines, 4, 10);
	assert_int_equal(host_count(trace(), "_KEY\":{\"fp\""), 100);
	assert_int_equal(host_count(trace(), "\"e\":\"exec\""), 1);
	assert_int_equal(host_count(trace(),
				    "{\"e\":\"more\",\"t\":12,"
				    "\"image\":\"7.1\",\"of\":\"exec\""),
			 lines - 1);
	assert_int_equal(host_count(trace(), "\"lost\":{\"GONE\":"), 1);
}

static void another_image_speaks_for_all_of_its_lines(void **state)
{
	char name[32];

	(void)state;
	thread.number = 2;
	event_begin_for(&l, KT_BIRTH, 12, "7.5");
	event_list(&l, "env");
	for (int i = 0; i < 40; i++)
		event_value(&l, name, (size_t)sprintf(name, "NAME_%d_KEY", i),
			    &sample);
	event_list_end(&l);
	event_end(&l);
	thread.number = 1;
	assert_in_range(host_lines(trace()), 2, 5);
	assert_int_equal(host_count(trace(), "\"image\":\"7.5\""),
			 host_lines(trace()));
	assert_int_equal(host_count(trace(), "\"thread\""), 0);
}

static void both_lists_may_be_longer_than_a_line(void **state)
{
	static const char *const lists[] = {"env", "lost"};
	char name[32];

	(void)state;
	begin(KT_SWAP);
	for (int k = 0; k < 2; k++) {
		event_list(&l, lists[k]);
		for (int i = 0; i < 60; i++)
			event_value(&l, name,
				    (size_t)sprintf(name, "%s_%d", lists[k], i),
				    &sample);
		event_list_end(&l);
	}
	event_end(&l);
	host_lines(trace());
	assert_int_equal(host_count(trace(), "\"env_"), 60);
	assert_int_equal(host_count(trace(), "\"lost_"), 60);
	assert_int_equal(host_count(trace(), "\"of\":\"more\""), 0);
}

static void a_name_that_fits_in_no_line_spoils_none(void **state)
{
	static char name[LINE_BYTES];

	(void)state;
	memset(name, 'N', sizeof name);
	begin(KT_EXEC);
	event_list(&l, "env");
	event_value(&l, "A", 1, &sample);
	event_value(&l, name, sizeof name, &sample);
	event_value(&l, "B", 1, &sample);
	event_list_end(&l);
	event_end(&l);
	host_lines(trace());
	assert_int_equal(host_count(trace(), "\"A\":"), 1);
	assert_int_equal(host_count(trace(), "\"B\":"), 1);
	assert_int_equal(host_count(trace(), "NNN"), 0);
}

static void a_caller_is_told_as_module_and_offset(void **state)
{
	(void)state;
	strcpy(globals->exe, "/opt/the \"host\"");
	begin(KT_READ);
	event_caller(&l, (const char *)begin + 1);
	event_end(&l);
	assert_true(is_written("\"at\":\"/opt/the \\\"host\\\"+0x"));
	begin(KT_READ);
	event_caller(&l, (const char *)strlen + 1);
	event_caller(&l, globals);
	event_end(&l);
	assert_int_equal(host_count(trace(), "\"at\":"), 2);
}

static void a_module_is_told_behind_the_line_that_names_it_first(void **state)
{
	(void)state;
	strcpy(globals->exe, "/opt/host");
	for (int i = 0; i < 3; i++) {
		begin(KT_READ);
		event_caller(&l, (const char *)begin + 1);
		event_end(&l);
	}
	assert_int_equal(host_lines(trace()), 4);
	assert_true(is_written("{\"e\":\"module\",\"t\":"));
	assert_true(is_written("\"path\":\"/opt/host\""));
	assert_true(strstr(trace(), "\"read\"") <
		    strstr(trace(), "\"module\""));
}

static void a_line_that_goes_on_tells_its_module_too(void **state)
{
	char name[LINE_BYTES / 2];

	(void)state;
	memset(name, 'N', sizeof name);
	begin(KT_EXEC);
	event_caller(&l, (const char *)begin + 1);
	event_list(&l, "env");
	event_value(&l, name, sizeof name, &sample);
	event_value(&l, name, sizeof name, &sample);
	event_list_end(&l);
	event_end(&l);
	assert_int_equal(host_count(trace(), "\"module\""), 1);
	assert_int_equal(host_count(trace(), "\"more\""), 1);
	host_lines(trace());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(a_line_begins_with_its_event_its_time_and_its_image),
		HOST_TEST(only_a_second_thread_tells_its_number),
		HOST_TEST(every_kind_of_field_is_json),
		HOST_TEST(every_character_is_escaped_as_json_wants_it),
		HOST_TEST(what_a_terminal_obeys_is_escaped),
		HOST_TEST(utf8_stays_and_what_is_none_stands_byte_for_byte),
		HOST_TEST(a_print_tells_all_that_may_be_said_and_no_more),
		HOST_TEST(a_field_that_does_not_fit_is_left_out_whole),
		HOST_TEST(a_line_of_any_length_stays_json),
		HOST_TEST(a_list_goes_on_in_lines_of_more),
		HOST_TEST(another_image_speaks_for_all_of_its_lines),
		HOST_TEST(both_lists_may_be_longer_than_a_line),
		HOST_TEST(a_name_that_fits_in_no_line_spoils_none),
		HOST_TEST(a_caller_is_told_as_module_and_offset),
		HOST_TEST(a_module_is_told_behind_the_line_that_names_it_first),
		HOST_TEST(a_line_that_goes_on_tells_its_module_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
