#include "recorder_host.h"

#include <pthread.h>

#include "recorder/seen.h"

static struct seen seen;

static void a_repeated_event_is_told_at_powers_of_two(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= 1000; n++)
		assert_int_equal(seen_again(&seen, 77, 1), n & (n - 1) ? 0 : n);
}

static void the_first_ones_are_all_told_where_that_is_asked_for(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= 1000; n++)
		assert_int_equal(seen_again(&seen, 79, 10),
				 n > 10 && n & (n - 1) ? 0 : n);
}

static void every_event_has_a_count_of_its_own(void **state)
{
	(void)state;
	for (uint64_t round = 1; round <= 2; round++)
		for (uint64_t tag = 0; tag < 32; tag++)
			assert_int_equal(
				seen_again(&seen, tag << 40 | tag << 1, 1), round);
}

static void events_that_want_the_same_place_are_told_apart(void **state)
{
	(void)state;
	for (uint64_t round = 1; round <= 2; round++)
		for (uint64_t i = 1; i <= 8; i++)
			assert_int_equal(seen_again(&seen, i * SEEN_PLACES, 1),
					 round);
}

static size_t told_of(uint64_t homeless)
{
	size_t told = 0;

	for (; homeless; homeless--) {
		uint64_t tag = homeless * UINT64_C(0x9e3779b97f4a7c16);
		uint64_t n = seen_again(&seen, tag, 1);

		assert_in_range(n, 0, 1);
		told += n;
	}
	return told;
}

static void when_it_is_full_new_events_are_told_ever_more_rarely(void **state)
{
	(void)state;
	for (size_t i = 0; i < SEEN_PLACES; i++)
		seen.place[i].tag = 1 | i << 32 | UINT64_C(1) << 63;
	assert_int_equal(told_of(SEEN_HOMELESS), SEEN_HOMELESS);
	assert_in_range(told_of(SEEN_HOMELESS * 15), 4, 5);
}

enum { THREADS = 4, ROUNDS = 1 << 14 };

static void *meet(void *ret)
{
	for (int i = 0; i < ROUNDS; i++)
		*(uint64_t *)ret += seen_again(&seen, 5, 1) != 0;
	return NULL;
}

static void threads_share_one_count(void **state)
{
	pthread_t threads[THREADS];
	uint64_t told[THREADS] = {0}, all = 0;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, meet, &told[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		all += told[i];
	}
	assert_int_equal(all, 17); /* 1, 2, 4 ... 65536 */
}

static int forget(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof seen);
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
		TEST(when_it_is_full_new_events_are_told_ever_more_rarely),
		TEST(threads_share_one_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
