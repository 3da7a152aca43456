#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "trace/decode.h"
#include "trace/trace.h"

static struct arena *arena;
static struct trace t;

/* A trace of the lines, as if one file held them. */
static void lines(const char *const *line, size_t n)
{
	struct decoder *d = decoder_new(arena);

	t = (struct trace){.events = TAKE(arena, struct event, n), .n = n};
	for (size_t i = 0; i < n; i++)
		assert_true(decode(d, str_of(line[i]), &t.events[i]));
}

#define LINES(...)                                                             \
	do {                                                                   \
		const char *const all[] = {__VA_ARGS__};                       \
		lines(all, sizeof all / sizeof all[0]);                        \
	} while (0)

static void assert_names(const char *expected)
{
	struct str got = STR("");

	for (size_t i = 0; i < t.n; i++)
		got = arena_print(arena, "%.*s%.*s", STR_FMT(got),
				  STR_FMT(t.events[i].name));
	assert_true(str_eq(got, str_of(expected)));
}

static void time_orders_and_the_file_decides_between_equals(void **state)
{
	(void)state;
	LINES("{\"e\":\"read\",\"t\":3,\"name\":\"c\"}",
	      "{\"e\":\"read\",\"t\":1,\"name\":\"a\"}",
	      "{\"e\":\"read\",\"t\":3,\"name\":\"d\"}",
	      "{\"e\":\"read\",\"t\":2,\"name\":\"b\"}",
	      "{\"e\":\"read\",\"t\":3,\"name\":\"e\"}");
	trace_sort_and_fold(arena, &t);
	assert_names("abcde");
}

static void a_place_is_told_once_for_each_image(void **state)
{
	(void)state;
	LINES("{\"e\":\"read\",\"t\":1,\"image\":\"1.1\",\"place\":1,"
	      "\"site\":\"a.js:2\",\"in\":\"f\",\"callers\":[\"b.js:9 main\"]}",
	      "{\"e\":\"set\",\"t\":2,\"image\":\"1.1\",\"place\":1}",
	      "{\"e\":\"set\",\"t\":3,\"image\":\"2.1\",\"place\":1}",
	      "{\"e\":\"set\",\"t\":4,\"image\":\"1.1\",\"place\":2}",
	      "{\"e\":\"exec\",\"t\":5,\"image\":\"1.1\",\"place\":1,"
	      "\"site\":\"a.js:2\",\"in\":\"f\"}",
	      "{\"e\":\"set\",\"t\":6,\"image\":\"1.1\",\"place\":1}");
	trace_sort_and_fold(arena, &t);
	for (int i = 4; i <= 5; i++) {
		assert_int_equal(t.events[i].callers.n, 1);
		assert_true(str_eq(t.events[i].site, STR("a.js:2")));
	}
	assert_true(str_eq(t.events[1].site, STR("a.js:2")));
	assert_true(str_eq(t.events[1].in, STR("f")));
	assert_int_equal(t.events[1].callers.n, 1);
	assert_int_equal(t.events[2].site.len, 0);
	assert_int_equal(t.events[3].site.len, 0);
}

static void any_permutation_is_put_right(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 50; round++) {
		t = (struct trace){.n = 100};
		t.events = TAKE(arena, struct event, t.n);
		for (size_t i = 0; i < t.n; i++)
			t.events[i].t = (uint64_t)rand_r(&seed) % 60;
		for (size_t i = 0; i < t.n; i++)
			t.events[i].n = i;
		trace_sort(arena, &t);
		for (size_t i = 1; i < t.n; i++) {
			struct event *e = &t.events[i];

			assert_true(e[-1].t < e->t ||
				    (e[-1].t == e->t && e[-1].n < e->n));
		}
	}
}

static void an_earlier_boot_comes_first_whatever_its_clock(void **state)
{
	(void)state;
	LINES("{\"e\":\"read\",\"t\":20,\"image\":\"1.10\",\"name\":\"f\"}",
	      "{\"e\":\"birth\",\"t\":10,\"image\":\"1.10\",\"boot\":\"new\","
	      "\"wall\":900000,\"name\":\"e\"}",
	      "{\"e\":\"birth\",\"t\":5000000,\"image\":\"1.5\",\"boot\":"
	      "\"old\",\"wall\":100000,\"name\":\"b\"}",
	      "{\"e\":\"run\",\"t\":4000000,\"wall\":100000,\"name\":\"a\"}",
	      "{\"e\":\"ran\",\"t\":7000000,\"name\":\"c\"}",
	      "{\"e\":\"run\",\"t\":5,\"wall\":900000,\"name\":\"d\"}",
	      "{\"e\":\"ran\",\"t\":30,\"name\":\"g\"}");
	trace_sort_and_fold(arena, &t);
	assert_names("abcdefg");
}

static void more_is_folded_into_what_it_continues(void **state)
{
	(void)state;
	LINES("{\"e\":\"more\",\"t\":4,\"image\":\"1.1\",\"of\":\"exec\","
	      "\"lost\":{\"C\":{\"fp\":\"3\"}}}",
	      "{\"e\":\"birth\",\"t\":4,\"image\":\"1.1\"}",
	      "{\"e\":\"exec\",\"t\":4,\"image\":\"1.1\","
	      "\"env\":{\"A\":{\"fp\":\"1\"}}}",
	      "{\"e\":\"more\",\"t\":4,\"image\":\"1.1\",\"of\":\"exec\","
	      "\"env\":{\"B\":{\"fp\":\"2\"}}}",
	      "{\"e\":\"more\",\"t\":4,\"image\":\"2.1\",\"of\":\"exec\","
	      "\"env\":{\"X\":{\"fp\":\"2\"}}}",
	      "{\"e\":\"dream\"}");
	trace_sort_and_fold(arena, &t);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.events[0].env.n, 0);
	assert_int_equal(t.events[1].env.n, 2);
	assert_true(str_eq(t.events[1].env.at[1].name, STR("B")));
	assert_int_equal(t.events[1].lost.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			time_orders_and_the_file_decides_between_equals),
		cmocka_unit_test(any_permutation_is_put_right),
		cmocka_unit_test(a_place_is_told_once_for_each_image),
		cmocka_unit_test(
			an_earlier_boot_comes_first_whatever_its_clock),
		cmocka_unit_test(more_is_folded_into_what_it_continues),
	};
	int failed;

	arena = arena_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
