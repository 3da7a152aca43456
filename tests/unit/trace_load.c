#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/trace.h"

static struct arena *arena;
static char dir[] = "/tmp/keytrail-test-XXXXXX";
static struct trace t;
static const char *why;

static const char *in_dir(const char *name)
{
	return arena_print(arena, "%s/%s", dir, name).at;
}

static void put(const char *name, struct str bytes)
{
	int fd = open(in_dir(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
	close(fd);
}

static bool load(const char *path)
{
	t = (struct trace){0};
	return trace_load(arena, &t, path, &why);
}

static bool load_bytes(struct str bytes)
{
	put("one.jsonl", bytes);
	return load(in_dir("one.jsonl"));
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir + sizeof dir - 7, "XXXXXX");
	return !mkdtemp(dir);
}

static int teardown(void **state)
{
	(void)state;
	return system(arena_print(arena, "rm -rf %s", dir).at);
}

#define READ(t) "{\"e\":\"read\",\"t\":" #t ",\"image\":\"1.1\"}\n"

static const struct str story =
	STR("{\"e\":\"birth\",\"t\":1,\"image\":\"1.1\",\"args\":[\"a\\n\"],"
	    "\"env\":{\"A_KEY\":{\"fp\":\"8c1f\",\"is\":[\"lf\"]}},\"wall\":9,"
	    "\"boot\":\"b\"}\n"
	    "{\"e\":\"more\",\"t\":1,\"image\":\"1.1\",\"of\":\"birth\","
	    "\"env\":{\"B\":{\"fp\":\"\\u0041\"}}}\n\n\n" READ(3) READ(2));

static void torn_and_foreign_lines_are_counted_and_passed_over(void **state)
{
	(void)state;
	assert_true(load_bytes(STR(READ(1) "{\"e\":\"re\nhello\n\n \n[]\n" READ(
		2) "{\"e\":\"read\",\"t\":3")));
	assert_int_equal(t.n, 2);
	assert_int_equal(t.broken, 4);
}

static void space_that_no_event_used_is_no_line(void **state)
{
	(void)state;
	assert_true(load_bytes(STR("\n\n\0\0\0\0" READ(1) "\0\0\n\n\r\n\0")));
	assert_int_equal(t.n, 1);
	assert_int_equal(t.broken, 0);
}

static void a_repeated_request_has_the_callers_of_the_first(void **state)
{
	(void)state;
	assert_true(load_bytes(STR(
		"{\"e\":\"request\",\"t\":1,\"image\":\"1.1\",\"number\":7,"
		"\"site\":\"/lib/http.py:5\",\"callers\":[\"/app/a.py:3\"]}\n"
		"{\"e\":\"request\",\"t\":2,\"image\":\"1.1\",\"number\":7,"
		"\"site\":\"/lib/http.py:5\",\"n\":2}\n"
		"{\"e\":\"request\",\"t\":3,\"image\":\"1.1\",\"number\":7,"
		"\"site\":\"/lib/http.py:9\",\"n\":4}\n"
		"{\"e\":\"request\",\"t\":4,\"image\":\"2.1\",\"number\":7,"
		"\"site\":\"/lib/http.py:5\",\"n\":2}\n")));
	trace_sort_and_fold(arena, &t);
	assert_int_equal(t.n, 4);
	assert_int_equal(t.events[1].callers.n, 1);
	assert_true(str_eq(t.events[1].callers.at[0], STR("/app/a.py:3")));
	assert_int_equal(t.events[2].callers.n, 0);
	assert_int_equal(t.events[3].callers.n, 0);
}

static void a_repeated_open_has_the_callers_of_the_first(void **state)
{
	(void)state;
	assert_true(load_bytes(STR(
		"{\"e\":\"open\",\"t\":1,\"image\":\"1.1\",\"fn\":\"open64\","
		"\"path\":\"/app/.env\",\"site\":\"/lib/dotenv/main.py:63\","
		"\"callers\":[\"/app/a.py:3\"]}\n"
		"{\"e\":\"open\",\"t\":2,\"image\":\"1.1\",\"fn\":\"open64\","
		"\"path\":\"/app/.env\",\"site\":\"/lib/dotenv/main.py:63\","
		"\"n\":2}\n"
		"{\"e\":\"open\",\"t\":3,\"image\":\"1.1\",\"fn\":\"open64\","
		"\"path\":\"/app/b.env\",\"site\":\"/lib/dotenv/main.py:63\","
		"\"n\":2}\n"
		"{\"e\":\"open\",\"t\":4,\"image\":\"1.1\",\"fn\":\"open64\","
		"\"path\":\"/app/.env\",\"site\":\"/lib/other.py:9\","
		"\"n\":2}\n"
		"{\"e\":\"open\",\"t\":5,\"image\":\"2.1\",\"fn\":\"open64\","
		"\"path\":\"/app/.env\",\"site\":\"/lib/dotenv/main.py:63\","
		"\"n\":2}\n")));
	trace_sort_and_fold(arena, &t);
	assert_int_equal(t.n, 5);
	assert_int_equal(t.events[1].callers.n, 1);
	assert_true(str_eq(t.events[1].callers.at[0], STR("/app/a.py:3")));
	for (size_t i = 2; i < t.n; i++)
		assert_int_equal(t.events[i].callers.n, 0);
}

static void a_directory_is_all_its_files_and_what_was_lost(void **state)
{
	char counted[256];

	(void)state;
	snprintf(counted, sizeof counted, KT_SEGMENT_TEXT "\n" READ(2));
	memcpy(strstr(counted, "lost") + 7, "50", 2);
	put("a.jsonl", str_of(counted));
	put("b.append.jsonl", STR(READ(1) "{\"e\":\"lost\",\"n\":3}"));
	put("notes.txt", STR("not ours"));
	memcpy(strstr(counted, "lost") + 7, "~~", 2);
	put("c.jsonl", str_of(counted));
	put("d.jsonl", STR("{\"e\":\"segment\",\"lost\":\"1\"}\n"
			   "{\"e\":\"segment\",\"lost\":7}\n"));
	assert_true(load(dir));
	trace_sort_and_fold(arena, &t);
	assert_int_equal(t.n, 4);
	assert_int_equal(t.lost, 5);
	assert_int_equal(t.broken, 0);
}

static void what_is_no_trace_is_refused_with_a_reason(void **state)
{
	(void)state;
	put("notes.txt", STR("not ours"));
	assert_false(load(dir));
	assert_string_equal(why, "no trace is in it");
	assert_false(load(in_dir("nowhere")));
	assert_string_equal(why, "No such file or directory");
	assert_false(load_bytes(STR("hello\n")));
	assert_false(load("/dev/zero"));
	assert_string_equal(why, "it is a device");
}

static void nothing_at_all_is_a_trace_without_events(void **state)
{
	(void)state;
	assert_true(load(dir));
	assert_int_equal(t.n, 0);
	put("a.jsonl", STR(""));
	assert_true(load(in_dir("a.jsonl")));
	assert_int_equal(t.n, 0);
}

static void a_pipe_in_the_directory_makes_nobody_wait(void **state)
{
	(void)state;
	put("a.jsonl", STR(READ(1)));
	assert_int_equal(mkfifo(in_dir("b.jsonl"), 0600), 0);
	assert_true(load(dir));
	assert_int_equal(t.n, 1);
	assert_int_equal(t.unreadable, 0);
	assert_int_equal(t.lost, 0);
	assert_int_equal(t.n_files, 2);
	assert_null(t.files[0].unread);
	assert_string_equal(t.files[1].unread, "is a pipe");
}

static void give(const char *name, uid_t to)
{
	assert_int_equal(lchown(in_dir(name), to, to), 0);
}

/* In order of their names, or null. */
static const struct trace_file *file(const char *name)
{
	for (size_t i = 0; i < t.n_files; i++)
		if (str_eq(t.files[i].name, str_of(name)))
			return &t.files[i];
	return NULL;
}

static void each_file_speaks_for_its_owner(void **state)
{
	(void)state;
	if (geteuid())
		skip(); /* cannot give a file away */
	put("a.jsonl", STR(READ(1)));
	put("b.jsonl", STR("{\"e\":\"read\",\"image\":\"2.2\"}\n"
			   "{\"e\":\"run\",\"pid\":1}\n"
			   "{\"e\":\"pack\",\"lost\":9,\"broken\":9}\n"));
	give("b.jsonl", 1000);
	put("c.jsonl", STR("{\"e\":\"read\",\"image\":\"3.3\",\"owner\":0}"));
	give("c.jsonl", 1001);
	assert_true(load(dir));
	assert_int_equal(t.n, 3);
	assert_int_equal(t.events[0].owner, 0);
	assert_int_equal(t.owners[t.events[1].owner].uid, 1000);
	assert_int_equal(t.owners[t.events[2].owner].uid, 1001);
	assert_int_equal(t.unbelieved, 2);
	assert_int_equal(t.lost + t.broken, 0);
	assert_false(file("a.jsonl")->has_stranger);
	assert_true(file("c.jsonl")->has_stranger);
}

static void who_owns_all_of_a_directory_is_believed(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	put("a.jsonl", STR(READ(1) "{\"e\":\"run\",\"pid\":1}\n"));
	give("a.jsonl", 1000);
	chown(dir, 1000, 1000);
	assert_true(load(dir));
	assert_int_equal(t.n, 2);
	assert_int_equal(t.n_owners, 0);
	put("b.jsonl", STR(READ(1)));
	assert_true(load(dir));
	assert_int_equal(t.n, 3); /* the run is the directory's owner's */
	assert_true(file("a.jsonl")->has_stranger);
	chown(dir, 0, 0);
	assert_true(load(dir));
	assert_int_equal(t.n, 2);
	assert_int_equal(t.unbelieved, 1);
}

static void a_packed_line_tells_whose_it_was(void **state)
{
	(void)state;
	assert_true(
		load_bytes(STR("{\"e\":\"pack\",\"lost\":2,\"unbelieved\":5}\n"
			       "{\"e\":\"lost\",\"n\":7,\"owner\":33}\n" READ(
				       1) "{\"e\":\"read\",\"image\":\"2.2\","
					  "\"owner\":33}\n")));
	assert_int_equal(t.n, 2);
	assert_int_equal(t.events[0].owner, 0);
	assert_int_equal(t.owners[t.events[1].owner].uid, 33);
	assert_int_equal(t.unbelieved, 5);
	trace_sort_and_fold(arena, &t);
	assert_int_equal(t.lost, 9);
	assert_int_equal(trace_lost(&t, 0), 2);
}

static void a_crowd_of_users_is_read_up_to_a_number(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	put("zz.jsonl", STR(READ(1)));
	for (int i = 0; i < 300; i++) {
		char name[16];

		snprintf(name, sizeof name, "%03d.jsonl", i);
		put(name, STR("{\"e\":\"read\",\"image\":\"5.5\"}\n"));
		give(name, 100000 + (uid_t)i);
	}
	put("service.jsonl", STR("{\"e\":\"read\",\"image\":\"6.6\"}\n"));
	give("service.jsonl", 33);
	assert_true(load(dir));
	assert_null(file("zz.jsonl")->unread);
	assert_null(file("service.jsonl")->unread);
	assert_string_equal(file("299.jsonl")->unread,
			    "is of one user too many");
	assert_in_range(t.n_owners, 200, 300);
}

static void several_sources_add_up(void **state)
{
	(void)state;
	put("one.jsonl", STR(READ(1)));
	put("two.jsonl",
	    STR("{\"e\":\"pack\",\"lost\":2,\"broken\":7}\n" READ(2)));
	t = (struct trace){0};
	assert_true(trace_load(arena, &t, in_dir("one.jsonl"), &why));
	assert_true(trace_load(arena, &t, in_dir("two.jsonl"), &why));
	assert_int_equal(t.n, 2);
	assert_int_equal(t.lost, 2);
	assert_int_equal(t.broken, 7);
}

static void a_trace_cut_at_any_byte_still_tells_its_whole_lines(void **state)
{
	(void)state;
	for (size_t n = 0; n <= story.len; n++) {
		struct str cut = {story.at, n};
		bool ok;

		put("one.jsonl", cut);
		ok = load(dir);
		assert_true(ok);
		assert_in_range(t.n, 0, 4);
		assert_in_range(t.broken, 0, 1);
		trace_sort_and_fold(arena, &t);
	}
	assert_int_equal(t.n, 3);
}

static void random_damage_harms_nobody(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		char *bytes = TAKE(arena, char, story.len);

		memcpy(bytes, story.at, story.len);
		for (int i = rand_r(&seed) % 8; i >= 0; i--)
			bytes[(size_t)rand_r(&seed) % story.len] =
				(char)rand_r(&seed);
		put("one.jsonl", (struct str){bytes, story.len});
		assert_true(load(dir));
		trace_sort_and_fold(arena, &t);
		assert_in_range(t.n, 0, 8);
	}
}

static void one_enormous_line_is_only_a_line(void **state)
{
	static const struct str head = STR("{\"e\":\"read\",\"name\":\"");
	size_t len = 20 << 20;
	char *bytes = TAKE(arena, char, len);

	(void)state;
	memset(bytes, '[', len);
	assert_false(load_bytes((struct str){bytes, len}));
	memcpy(bytes, head.at, head.len);
	memcpy(bytes + len - 2, "\"}", 2);
	assert_true(load_bytes((struct str){bytes, len}));
	assert_int_equal(t.events[0].name.len, len - head.len - 2);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(torn_and_foreign_lines_are_counted_and_passed_over),
		TEST(space_that_no_event_used_is_no_line),
		TEST(a_repeated_request_has_the_callers_of_the_first),
		TEST(a_repeated_open_has_the_callers_of_the_first),
		TEST(a_directory_is_all_its_files_and_what_was_lost),
		TEST(what_is_no_trace_is_refused_with_a_reason),
		TEST(nothing_at_all_is_a_trace_without_events),
		TEST(a_pipe_in_the_directory_makes_nobody_wait),
		TEST(each_file_speaks_for_its_owner),
		TEST(who_owns_all_of_a_directory_is_believed),
		TEST(a_packed_line_tells_whose_it_was),
		TEST(a_crowd_of_users_is_read_up_to_a_number),
		TEST(several_sources_add_up),
		TEST(a_trace_cut_at_any_byte_still_tells_its_whole_lines),
		TEST(random_damage_harms_nobody),
		TEST(one_enormous_line_is_only_a_line),
	};
	int failed;

	arena = arena_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
