#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "trace/lines.h"

static struct arena *arena;
static struct lines lines;
static uint64_t too_long;
static int fd;

static int begin(void **state)
{
	char path[] = "/tmp/keytrail-test-XXXXXX";

	(void)state;
	fd = mkstemp(path);
	unlink(path);
	lines = (struct lines){0};
	too_long = 0;
	return fd < 0;
}

static int end(void **state)
{
	(void)state;
	return close(fd);
}

static void put(off_t at, const char *bytes, size_t n)
{
	assert_int_equal(pwrite(fd, bytes, n, at), n);
}

static enum lines_end read_with(struct allowance may)
{
	lseek(fd, 0, SEEK_SET);
	return lines_read(arena, fd, &may, &lines, &too_long);
}

static void expect(const char *const *wanted)
{
	size_t n = 0;

	for (; wanted[n]; n++) {
		assert_true(n < lines.n);
		assert_true(str_eq(lines.at[n], str_of(wanted[n])));
	}
	assert_int_equal(lines.n, n);
}
#define EXPECT(...)   expect((const char *const[]){__VA_ARGS__, NULL})
#define PUT(at, text) put(at, text, sizeof text - 1)

static void blanks_are_no_lines_and_no_part_of_one(void **state)
{
	(void)state;
	PUT(0, "\n\n  a b \r\n\0\0\0c\n\t\n\0\0d\0\0");
	assert_int_equal(read_with(ALLOW_ALL), LINES_ALL);
	EXPECT("a b", "c", "d");
}

static void a_file_of_holes_is_read_at_once(void **state)
{
	const off_t far = (off_t)1 << 42;

	(void)state;
	PUT(0, "first\n");
	PUT(far, "middle\n");
	PUT(2 * far, "last");
	if (ftruncate(fd, 3 * far))
		skip();
	assert_int_equal(read_with(ALLOW_ALL), LINES_ALL);
	EXPECT("first", "middle", "last");
}

static void a_hole_ends_a_line(void **state)
{
	(void)state;
	put(0, "{", 1);
	PUT(1 << 30, "}\n");
	assert_int_equal(read_with(ALLOW_ALL), LINES_ALL);
	assert_in_range(lines.n, 1, 2);
	assert_int_equal(lines.at[0].at[0], '{');
	assert_true(lines.at[0].len < 5000);
}

/* Of every length around the piece that is read at once. */
static void a_line_may_lie_across_pieces(void **state)
{
	enum { PIECE = 256 << 10 };
	char *text = TAKE(arena, char, 2 * PIECE + 100);

	(void)state;
	memset(text, 'x', 2 * PIECE + 100);
	for (off_t cut = PIECE - 3; cut < PIECE + 3; cut++) {
		lines.n = 0;
		assert_int_equal(ftruncate(fd, 0), 0);
		put(0, text, (size_t)cut);
		PUT(cut, "\nsecond\n");
		put(cut + 8, text, PIECE + 50);
		assert_int_equal(read_with(ALLOW_ALL), LINES_ALL);
		assert_int_equal(lines.n, 3);
		assert_int_equal(lines.at[0].len, cut);
		assert_true(str_eq(lines.at[1], STR("second")));
		assert_int_equal(lines.at[2].len, PIECE + 50);
	}
}

static void a_line_that_is_too_long_is_counted_and_passed_over(void **state)
{
	enum { LONG = 1 << 20 };
	char *text = TAKE(arena, char, LONG);
	struct allowance may = ALLOW_ALL;

	(void)state;
	memset(text, 'x', LONG);
	PUT(0, "first\n");
	put(6, text, LONG);
	PUT(6 + LONG, "\n123456789\nlast\n");
	put(6 + LONG + 16, text, 500);
	may.longest = 8;
	assert_int_equal(read_with(may), LINES_ALL);
	EXPECT("first", "last");
	assert_int_equal(too_long, 3);
}

static void no_more_is_read_than_is_allowed(void **state)
{
	struct allowance some = ALLOW_ALL;

	(void)state;
	PUT(0, "one\ntwo\nthree\n");
	some.lines = 2;
	assert_int_equal(read_with(some), LINES_TOO_MANY);
	EXPECT("one", "two");
	some = ALLOW_ALL;
	some.text = 7;
	lines.n = 0;
	assert_int_equal(read_with(some), LINES_TOO_MANY);
	EXPECT("one", "two");
	some = ALLOW_ALL;
	some.bytes = 9;
	lines.n = 0;
	assert_int_equal(read_with(some), LINES_TOO_MANY);
	EXPECT("one", "two");
	some.bytes = 14;
	lines.n = 0;
	assert_int_equal(read_with(some), LINES_ALL);
}

static void a_stream_is_read_to_its_end(void **state)
{
	int ends[2];
	struct allowance all = ALLOW_ALL;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "one\n\ntwo", 8), 8);
	close(ends[1]);
	assert_int_equal(lines_read(arena, ends[0], &all, &lines, &too_long),
			 LINES_ALL);
	close(ends[0]);
	EXPECT("one", "two");
}

static void what_cannot_be_read_is_told(void **state)
{
	struct allowance all = ALLOW_ALL;
	int dir = open("/", O_RDONLY);

	(void)state;
	assert_int_equal(lines_read(arena, dir, &all, &lines, &too_long),
			 LINES_FAILED);
	close(dir);
	assert_int_equal(lines_read(arena, dir, &all, &lines, &too_long),
			 LINES_FAILED);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(blanks_are_no_lines_and_no_part_of_one),
		TEST(a_file_of_holes_is_read_at_once),
		TEST(a_hole_ends_a_line),
		TEST(a_line_may_lie_across_pieces),
		TEST(a_line_that_is_too_long_is_counted_and_passed_over),
		TEST(no_more_is_read_than_is_allowed),
		TEST(a_stream_is_read_to_its_end),
		TEST(what_cannot_be_read_is_told),
	};
	int failed;

	arena = arena_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
