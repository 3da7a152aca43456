#include "recorder_host.h"

#include "keytrail/trace.h"
#include "recorder/process/env_state.h"
#include "recorder/trace/recognized_names.h"
#include "recorder/trace/segment.h"
#include "recorder/trace/segment_file.h"

#define KEY "sk-ant-REDACTED0"

static char **nothing;

static bool is_watched(const char *name)
{
	return is_watched_name(name, strlen(name));
}

static void add(const char *name)
{
	recognized_name_add(name, strlen(name), nothing);
}

static const char *names(void)
{
	return host_get(host_file("jsonl")) + sizeof(struct kt_segment);
}

static void begin(void)
{
	nothing = environ = HOST_ENV("A=b");
	segment_open();
	recognized_names_read();
}

/* ---- in one process */

static void recognize(void)
{
	nothing = environ = HOST_ENV("LLM=" KEY, "PLAIN=text");
	segment_open();
	should(!is_watched("LLM"));
	env_state_begin(environ);
	should(is_watched("LLM"));
	should(!is_watched("PLAIN") && !is_watched("LL") &&
	       !is_watched("LLMS"));
	should(!is_watched("MLL") && !is_watched(""));
}

static void a_name_is_watched_once_its_value_was_recognized(void **state)
{
	(void)state;
	host_lives(recognize);
	assert_int_equal(host_lines(names()), 1);
	assert_non_null(
		strstr(names(), "{\"e\":\"watch\",\"name\":\"LLM\"}\n"));
	assert_null(strstr(names(), "sk-ant"));
}

static void add_many(void)
{
	char name[16];

	begin();
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof name, "OWN.%d", i);
		add(name);
		add(name);
		should(is_watched(name) == (i < KT_NAME_SLOTS));
	}
}

static void there_are_32_at_most_and_each_once(void **state)
{
	(void)state;
	host_lives(add_many);
	assert_int_equal(host_lines(names()), KT_NAME_SLOTS);
}

static void add_bad(void)
{
	begin();
	environ = HOST_ENV("SOME_TOKEN=hunter2hunter2");
	value_filter_add(&globals->value_filter, secret_of("hunter2hunter2"));
	add("sk-proj-0123456789abcdefghij");
	add("X_hunter2hunter2");
	add("NAME=" KEY);
	add("quo\"te");
	add("line\nfeed");
	add("");
	add("A_NAME_OF_MORE_BYTES.THAN_A_SLOT_HAS.ROOM_FOR");
	should(!is_watched("sk-proj-0123456789abcdefghij"));
	should(!is_watched("X_hunter2hunter2"));
	should(is_watched("A_NAME_OF_MORE_BYTES.THAN_A_SLOT_HAS.ROOM_FOR"));
}

static void a_name_that_is_a_secret_or_no_plain_text_is_not_shared(void **state)
{
	(void)state;
	host_lives(add_bad);
	assert_int_equal(host_lines(names()), 0);
}

static void add_known(void)
{
	begin();
	add("OPENAI_API_KEY");
}

static void a_name_that_is_watched_anyway_takes_no_slot(void **state)
{
	(void)state;
	host_lives(add_known);
	assert_int_equal(host_lines(names()), 0);
}

/* ---- in later processes */

static void add_two(void)
{
	begin();
	add("LLM");
	add("CHATGPT");
}

static void find_two(void)
{
	begin();
	should(is_watched("LLM") && is_watched("CHATGPT"));
	should(!is_watched("OPENAI"));
	add("CHATGPT");
	add("OPENAI");
}

static void later_processes_watch_the_names(void **state)
{
	(void)state;
	host_lives(add_two);
	host_lives(find_two);
	assert_int_equal(host_lines(names()), 3);
}

static void race(void)
{
	begin();
	for (int i = 0; i < 4; i++)
		if (!fork()) {
			char name[16];

			for (int k = 0; k < 12; k++) {
				snprintf(name, sizeof name, "OWN.%d",
					 (k + 3 * i) % 12);
				add(name);
			}
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	recognized_names_read();
	for (int k = 0; k < 12; k++) {
		char name[16];

		snprintf(name, sizeof name, "OWN.%d", k);
		should(is_watched(name));
	}
}

static void processes_that_add_at_once_lose_no_name(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		host_lives(race);
	assert_in_range(host_lines(names()), 12, KT_NAME_SLOTS);
}

/* ---- other files */

static void open_old(void)
{
	static const char lines[] =
		"{\"e\":\"birth\",\"t\":1,\"image\":\"7.1\"}\n";
	struct kt_segment *head;

	begin();
	head = mapped_segment.head;
	head->used = kt_digits_of(sizeof *head + sizeof lines - 1);
	memcpy(mapped_segment.bytes + sizeof *head, lines, sizeof lines - 1);
	add("LLM");
	should(is_watched("LLM"));
	recognized_names_read();
}

static void a_segment_of_an_older_recorder_is_left_as_it_is(void **state)
{
	(void)state;
	host_lives(open_old);
	assert_int_equal(host_lines(names()), 1);
	assert_null(strstr(names(), "watch"));
}

static void tear(void)
{
	begin();
	memcpy(mapped_segment.bytes + sizeof(struct kt_segment),
	       "{\"e\":\"watch\",\"name\":\"LL", 23);
	add("CHATGPT");
}

static void meet_torn(void)
{
	begin();
	should(is_watched("CHATGPT"));
	should(!is_watched("LL") && !is_watched("LLM"));
}

static void a_slot_whose_writer_was_killed_is_passed_over(void **state)
{
	(void)state;
	host_lives(tear);
	host_lives(meet_torn);
}

static void add_unmapped(void)
{
	nothing = environ = HOST_ENV("A=b");
	recognized_names_read();
	add("LLM");
	should(is_watched("LLM"));
}

static void without_a_segment_a_name_is_watched_here_alone(void **state)
{
	(void)state;
	host_lives(add_unmapped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(a_name_is_watched_once_its_value_was_recognized),
		HOST_TEST(there_are_32_at_most_and_each_once),
		HOST_TEST(
			a_name_that_is_a_secret_or_no_plain_text_is_not_shared),
		HOST_TEST(a_name_that_is_watched_anyway_takes_no_slot),
		HOST_TEST(later_processes_watch_the_names),
		HOST_TEST(processes_that_add_at_once_lose_no_name),
		HOST_TEST(a_segment_of_an_older_recorder_is_left_as_it_is),
		HOST_TEST(a_slot_whose_writer_was_killed_is_passed_over),
		HOST_TEST(without_a_segment_a_name_is_watched_here_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
