#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <pthread.h>
#include <cmocka.h>

#include "recorder/state/places.h"

static struct places places;

static int empty(void **state)
{
	(void)state;
	memset(&places, 0, sizeof places);
	return 0;
}

static void places_are_numbered_from_one(void **state)
{
	bool is_new;

	(void)state;
	assert_int_equal(places_number(&places, 70, &is_new), 1);
	assert_true(is_new);
	assert_int_equal(places_number(&places, 80, &is_new), 2);
	assert_true(is_new);
}

static void a_known_place_keeps_its_number(void **state)
{
	bool is_new;

	(void)state;
	places_number(&places, 70, &is_new);
	places_number(&places, 80, &is_new);
	assert_int_equal(places_number(&places, 70, &is_new), 1);
	assert_false(is_new);
}

static void of_too_many_places_each_is_new(void **state)
{
	bool is_new;

	(void)state;
	for (uint64_t i = 1; i <= PLACES; i++)
		assert_int_equal(places_number(&places, i << 8, &is_new), i);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(places_number(&places, 7, &is_new), 0);
		assert_true(is_new);
	}
	assert_int_equal(places_number(&places, 3 << 8, &is_new), 3);
	assert_false(is_new);
}

static void *number_all(void *ret_new)
{
	bool is_new;

	for (uint64_t i = 1; i <= PLACES; i++) {
		places_number(&places, i << 8, &is_new);
		*(unsigned *)ret_new += is_new;
	}
	return NULL;
}

static void among_threads_a_place_is_new_once(void **state)
{
	enum { THREADS = 8 };
	pthread_t threads[THREADS];
	unsigned new[THREADS] = {0}, all = 0;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, number_all, &new[i]);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		all += new[i];
	}
	assert_int_equal(all, PLACES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(places_are_numbered_from_one, empty),
		cmocka_unit_test_setup(a_known_place_keeps_its_number, empty),
		cmocka_unit_test_setup(of_too_many_places_each_is_new, empty),
		cmocka_unit_test_setup(among_threads_a_place_is_new_once,
				       empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
