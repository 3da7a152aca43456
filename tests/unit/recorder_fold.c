#include "recorder_host.h"

#include <pthread.h>

#include "recorder/process/fold.h"
#include "recorder/trace/segment.h"
#include "recorder/trace/segment_file.h"
#include "recorder/lib/str.h"

enum { FIRST = KT_CHANGES_TOLD, NAMES = KT_NAMES_TOLD };

static const char *segment(void)
{
	return host_get(host_file("jsonl")) + sizeof(struct kt_segment);
}

/* A set of `name` to its n-th value, by one of several places. */
static struct fold *set(const char *name, uint64_t n, uintptr_t place)
{
	struct alike alike = {.of = KT_SET,
			      .lane = ORDINARY,
			      .name = name,
			      .length = strlen(name),
			      .caller = (const void *)place};
	struct fold *fold;
	struct event_line l;

	fold = fold_of(&alike, 1, &l);
	event_begin(&l, KT_SET, n);
	event_text(&l, "name", name);
	event_number(&l, "value", n);
	fold_end(fold, &l);
	return fold;
}

static size_t count_of(const char *what)
{
	return host_count(segment(), what);
}

/* What the first `fold` line counts. */
static uint64_t folded(void)
{
	const char *at = strstr(segment(), "{\"e\":\"fold\"");
	uint64_t digits, n = 0;

	at = at ? strstr(at, "\"n\":\"") : NULL;
	if (!at)
		return 0;
	memcpy(&digits, at + 5, sizeof digits);
	assert_true(kt_counter_of(digits, &n));
	return n;
}

static bool has_value(uint64_t n)
{
	char text[32];

	snprintf(text, sizeof text, "\"value\":%llu}", (unsigned long long)n);
	return count_of(text) == 1;
}

/* ---- values of one name */

static void set_many_values(void)
{
	segment_open();
	for (uint64_t n = 1; n <= 1000; n++)
		set("A_KEY", n, 1);
	should(!globals->life.lost);
}

static void of_many_values_the_first_and_the_last_are_told(void **state)
{
	size_t whole = FIRST + 3; /* 128, 256, 512 */

	(void)state;
	host_lives(set_many_values);
	assert_int_equal(host_lines(segment()), whole + 1 + FOLD_LAST);
	assert_int_equal(folded(), 1000 - whole);
	for (uint64_t n = 1; n <= FIRST; n++)
		assert_true(has_value(n));
	assert_true(has_value(128) && has_value(256) && has_value(512));
	for (uint64_t n = 1000 - FOLD_LAST + 1; n <= 1000; n++)
		assert_true(has_value(n));
	assert_int_equal(count_of("\"of\":\"set\",\"name\":\"A_KEY\""), 1);
}

static void set_two_in_turn(void)
{
	segment_open();
	for (uint64_t n = 1; n <= 1000; n++) {
		set("A_KEY", n, 1);
		if (n <= FIRST)
			should(!set("B_KEY", n, 1));
	}
}

static void each_name_has_its_share(void **state)
{
	(void)state;
	host_lives(set_two_in_turn);
	assert_int_equal(count_of("\"e\":\"fold\""), 1);
}

/* ---- names and places */

static void set_many_names(void)
{
	char name[32];

	segment_open();
	for (uint64_t n = 1; n <= 5000; n++) {
		snprintf(name, sizeof name, "TENANT_%llu",
			 (unsigned long long)n);
		set(name, n, 1);
	}
	should(!set("A_KEY", 7777, 2));
	should(!globals->life.lost);
}

static void of_many_names_the_first_and_the_last_are_told(void **state)
{
	(void)state;
	host_lives(set_many_names);
	assert_int_equal(folded(), 5000 - NAMES - 2); /* 2048, 4096 */
	assert_int_equal(count_of("\"name\":\"TENANT_1024\""), 1);
	assert_int_equal(count_of("\"name\":\"TENANT_1025\""), 0);
	for (uint64_t n = 5000 - FOLD_LAST + 1; n <= 5000; n++)
		assert_true(has_value(n));
	assert_true(has_value(7777)); /* of another place */
}

static void set_in_many_places(void)
{
	segment_open();
	for (uint64_t n = 1; n <= 5000; n++)
		set("A_KEY", n, n);
	should(!globals->life.lost);
}

static void of_many_places_the_first_and_the_last_are_told(void **state)
{
	(void)state;
	host_lives(set_in_many_places);
	assert_int_equal(folded(), 5000 - NAMES - 2);
	assert_int_equal(count_of("\"of\":\"set\"}"), 1);
}

/* ---- where there is no room */

static void set_where_there_is_no_room(void)
{
	char name[32];

	segment_open();
	while (segment_has_room(ORDINARY))
		segment_put("{\"e\":\"read\"}\n", 13, ORDINARY);
	for (uint64_t n = 1; n <= 100000; n++) {
		snprintf(name, sizeof name, "N%llu", (unsigned long long)n);
		set(name, n, 1 + n % 1000);
	}
	should(!globals->life.lost);
}

static void without_room_all_are_counted(void **state)
{
	uint64_t all = 0, n, digits;

	(void)state;
	host_lives(set_where_there_is_no_room);
	host_lines(segment());
	for (const char *at = segment(); (at = strstr(at, "{\"e\":\"fold\""));
	     at++) {
		memcpy(&digits, strstr(at, "\"n\":\"") + 5, sizeof digits);
		assert_true(kt_counter_of(digits, &n));
		all += n;
	}
	assert_int_equal(all, 100000);
	assert_true(has_value(100000));
}

static void set_where_nothing_is_mapped(void)
{
	for (uint64_t n = 1; n <= 1000; n++)
		set("A_KEY", n, 1);
	should(!globals->life.lost);
}

static void what_is_only_appended_is_counted_at_powers_of_two(void **state)
{
	const char *text;

	(void)state;
	host_lives(set_where_nothing_is_mapped);
	text = host_get(host_file("append.jsonl"));
	assert_int_equal(host_count(text, "\"e\":\"set\""), FIRST + 3);
	assert_int_equal(host_count(text, "\"e\":\"fold\""), 10);
	assert_int_equal(host_count(text, "\"n\":512,"), 1);
	host_lines(text);
}

/* ---- several at once, and deaths */

enum { THREADS = 4, EACH = 50000 };

static void *set_values(void *number)
{
	for (uint64_t n = 1; n <= EACH; n++)
		set("A_KEY", (uint64_t)(uintptr_t)number * EACH + n, 1);
	return NULL;
}

static void set_by_threads(void)
{
	pthread_t threads[THREADS];

	segment_open();
	for (uintptr_t i = 0; i < THREADS; i++)
		should(!pthread_create(&threads[i], NULL, set_values,
				       (void *)i));
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	should(!globals->life.lost);
}

static void threads_tear_no_line_and_count_each_event(void **state)
{
	size_t whole;

	(void)state;
	host_lives(set_by_threads);
	whole = host_lines(segment()) - FOLD_LAST - 1;
	assert_int_equal(folded() + whole, THREADS * EACH);
}

static void set_until_killed(void)
{
	segment_open();
	for (uint64_t n = 1;; n++)
		set("A_KEY", n, 1);
}

/* The lines that are whole; a line that was being written may have any part of
 * its bytes. */
static size_t whole_lines(const char *text, size_t *ret_torn)
{
	size_t whole = 0;

	*ret_torn = 0;
	for (const char *end; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		if (end == text)
			continue;
		*(is_json(text, (size_t)(end - text)) ? &whole : ret_torn) += 1;
	}
	return whole;
}

static void a_kill_leaves_five_whole_ones(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++) {
		size_t torn, sets;
		pid_t child = fork();
		int status;

		if (!child)
			set_until_killed();
		usleep(5000 + 97 * (useconds_t)i);
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		whole_lines(segment(), &torn);
		sets = count_of("{\"e\":\"set\"");
		assert_in_range(torn, 0, 1);
		if (folded() > FOLD_LAST)
			assert_in_range(sets - FIRST, 5, 64);
		unlink(host_file("jsonl"));
	}
}

static void fork_in_the_middle(void)
{
	set_many_values();
	memset(&globals->life, 0, sizeof globals->life); /* as fork does */
	for (uint64_t n = 2001; n <= 3000; n++)
		set("A_KEY", n, 1);
	should(!globals->life.lost);
}

static void a_forked_child_folds_for_itself(void **state)
{
	(void)state;
	host_lives(fork_in_the_middle);
	assert_int_equal(count_of("\"e\":\"fold\""), 2);
	assert_true(has_value(1000) && has_value(2001) && has_value(3000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(of_many_values_the_first_and_the_last_are_told),
		HOST_TEST(each_name_has_its_share),
		HOST_TEST(of_many_names_the_first_and_the_last_are_told),
		HOST_TEST(of_many_places_the_first_and_the_last_are_told),
		HOST_TEST(without_room_all_are_counted),
		HOST_TEST(what_is_only_appended_is_counted_at_powers_of_two),
		HOST_TEST(threads_tear_no_line_and_count_each_event),
		HOST_TEST(a_kill_leaves_five_whole_ones),
		HOST_TEST(a_forked_child_folds_for_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
