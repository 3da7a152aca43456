#include "recorder_host.h"

#include <pthread.h>

#include "recorder/state/dedup.h"

static struct dedup dedup;

static void a_repeated_event_is_told_at_powers_of_two(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= 1000; n++)
		assert_int_equal(dedup_count_if_due(&dedup, 77, 1),
				 n & (n - 1) ? 0 : n);
}

static void the_first_ones_are_all_told_where_that_is_asked_for(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= 1000; n++)
		assert_int_equal(dedup_count_if_due(&dedup, 79, 10),
				 n > 10 && n & (n - 1) ? 0 : n);
}

static void every_event_has_a_count_of_its_own(void **state)
{
	(void)state;
	for (uint64_t round = 1; round <= 2; round++)
		for (uint64_t tag = 0; tag < 32; tag++)
			assert_int_equal(
				dedup_count_if_due(&dedup, tag << 40 | tag << 1,
						   1),
				round);
}

static void events_that_want_the_same_place_are_told_apart(void **state)
{
	(void)state;
	for (uint64_t round = 1; round <= 2; round++)
		for (uint64_t i = 1; i <= 8; i++)
			assert_int_equal(
				dedup_count_if_due(&dedup, i * DEDUP_PLACES, 1),
				round);
}

/* ---- more than there are places for */

static uint64_t tag_of(uint64_t i)
{
	return (i + 1) * UINT64_C(0x9e3779b97f4a7c16);
}

static void fill_the_early_places(void)
{
	for (size_t i = 0; i < DEDUP_PLACES; i++)
		dedup.place[i].tag = 1 | i << 32 | UINT64_C(1) << 63;
}

static void thousands_of_later_events_are_remembered(void **state)
{
	size_t again = 0;

	(void)state;
	fill_the_early_places();
	for (uint64_t i = 0; i < DEDUP_LATER / 2; i++)
		assert_int_equal(dedup_add(&dedup, tag_of(i)), 1);
	for (uint64_t i = 0; i < DEDUP_LATER / 2; i++)
		again += dedup_add(&dedup, tag_of(i)) == 2;
	assert_in_range(again, DEDUP_LATER / 2 - 100, DEDUP_LATER / 2);
}

static void each_event_of_a_flood_is_new(void **state)
{
	(void)state;
	fill_the_early_places();
	for (uint64_t i = 0; i < 400000; i++)
		assert_int_equal(dedup_add(&dedup, tag_of(i)), 1);
}

static void an_event_that_is_met_now_and_then_survives_a_flood(void **state)
{
	(void)state;
	fill_the_early_places();
	for (uint64_t i = 0; i < 400000; i++) {
		dedup_add(&dedup, tag_of(i));
		if (i % 1000 == 0)
			assert_int_equal(dedup_add(&dedup, 77 << 20),
					 1 + i / 1000);
	}
}

static void an_event_that_is_met_no_more_makes_place(void **state)
{
	size_t left = 0;

	(void)state;
	fill_the_early_places();
	for (int round = 0; round < 100; round++)
		for (uint64_t i = 0; i < DEDUP_LATER / 2; i++)
			dedup_add(&dedup, tag_of(i));
	for (uint64_t i = 1 << 20; i < (1 << 20) + 2000000; i++)
		dedup_add(&dedup, tag_of(i));
	for (uint64_t i = 0; i < DEDUP_LATER / 2; i++)
		left += dedup_count(&dedup, tag_of(i)) != 0;
	assert_int_equal(left, 0);
}

static void a_look_counts_nothing(void **state)
{
	(void)state;
	for (int full = 0; full < 2; full++) {
		assert_int_equal(dedup_count(&dedup, 91), 0);
		assert_int_equal(dedup_add(&dedup, 91), 1);
		assert_int_equal(dedup_count(&dedup, 91), 1);
		assert_int_equal(dedup_count(&dedup, 91), 1);
		memset(&dedup, 0, sizeof dedup);
		fill_the_early_places();
	}
}

enum { THREADS = 4, ROUNDS = 1 << 14 };

static void *meet(void *ret)
{
	for (int i = 0; i < ROUNDS; i++)
		*(uint64_t *)ret += dedup_count_if_due(&dedup, 5, 1) != 0;
	return NULL;
}

static void share_one_count(void)
{
	pthread_t threads[THREADS];
	uint64_t told[THREADS] = {0}, all = 0;

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, meet, &told[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		all += told[i];
	}
	assert_int_equal(all, 17); /* 1, 2, 4 ... 65536 */
}

static void threads_share_one_count(void **state)
{
	(void)state;
	share_one_count();
}

static void threads_share_one_count_of_a_later_event(void **state)
{
	(void)state;
	fill_the_early_places();
	dedup_add(&dedup, 5); /* it has its place, and was met no time yet: */
	for (size_t i = 0; i < DEDUP_LATER; i++)
		dedup.later[i].count = 0;
	share_one_count();
}

static int forget(void **state)
{
	(void)state;
	memset(&dedup, 0, sizeof dedup);
	return 0;
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, forget)
	const struct CMUnitTest tests[] = {
		TEST(a_repeated_event_is_told_at_powers_of_two),
		TEST(the_first_ones_are_all_told_where_that_is_asked_for),
		TEST(every_event_has_a_count_of_its_own),
		TEST(events_that_want_the_same_place_are_told_apart),
		TEST(thousands_of_later_events_are_remembered),
		TEST(each_event_of_a_flood_is_new),
		TEST(an_event_that_is_met_now_and_then_survives_a_flood),
		TEST(an_event_that_is_met_no_more_makes_place),
		TEST(a_look_counts_nothing),
		TEST(threads_share_one_count),
		TEST(threads_share_one_count_of_a_later_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
