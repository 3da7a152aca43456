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
	assert_int_equal(t.n, 4);
	assert_int_equal(t.lost, 5);
	assert_int_equal(t.broken, 0);
}

static void what_is_no_trace_is_refused_with_a_reason(void **state)
{
	(void)state;
	assert_false(load(dir));
	assert_string_equal(why, "no trace is in it");
	assert_false(load(in_dir("nowhere")));
	assert_string_equal(why, "No such file or directory");
	assert_false(load_bytes(STR("hello\n")));
	assert_false(load("/dev/null"));
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
		trace_order(arena, &t);
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
		trace_order(arena, &t);
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
		TEST(a_directory_is_all_its_files_and_what_was_lost),
		TEST(what_is_no_trace_is_refused_with_a_reason),
		TEST(a_pipe_in_the_directory_makes_nobody_wait),
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
