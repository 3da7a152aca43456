#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/array.h"
#include "base/hashmap.h"

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct str number(uintptr_t i)
{
	return arena_print(arena, "%zu", (size_t)i);
}

static void finds_what_was_put_and_nothing_else(void **state)
{
	struct hashmap *m = hashmap_new(arena);

	(void)state;
	for (uintptr_t i = 1; i <= 5000; i++)
		*hashmap_slot(m, NULL, number(i)) = (void *)i;
	for (uintptr_t i = 1; i <= 5000; i++)
		assert_ptr_equal(hashmap_find(m, NULL, number(i)), (void *)i);
	assert_null(hashmap_find(m, NULL, STR("0")));
	assert_null(hashmap_find(m, NULL, (struct str){0}));
	*hashmap_slot(m, NULL, (struct str){0}) = arena;
	assert_ptr_equal(hashmap_find(m, NULL, STR("")), arena);
}

static void the_owner_is_a_part_of_the_key(void **state)
{
	struct hashmap *m = hashmap_new(arena);

	(void)state;
	*hashmap_slot(m, NULL, STR("KEY")) = arena;
	*hashmap_slot(m, m, STR("KEY")) = m;
	assert_ptr_equal(hashmap_find(m, NULL, STR("KEY")), arena);
	assert_ptr_equal(hashmap_find(m, m, STR("KEY")), m);
	assert_null(hashmap_find(m, arena, STR("KEY")));
}

static void a_slot_stays_where_it_is_while_the_map_grows(void **state)
{
	struct hashmap *m = hashmap_new(arena);
	void **first = hashmap_slot(m, NULL, STR("first"));

	(void)state;
	for (uintptr_t i = 0; i < 1000; i++)
		hashmap_slot(m, NULL, number(i));
	*first = arena;
	assert_ptr_equal(hashmap_find(m, NULL, STR("first")), arena);
}

static void an_array_keeps_its_elements_while_it_grows(void **state)
{
	size_t *at = NULL, n = 0, room = 0;

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		*ARRAY_ADD(arena, at, n, room) = i * i;
	assert_int_equal(n, 1000);
	assert_true(room >= n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(at[i], i * i);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_what_was_put_and_nothing_else),
		TEST(the_owner_is_a_part_of_the_key),
		TEST(a_slot_stays_where_it_is_while_the_map_grows),
		TEST(an_array_keeps_its_elements_while_it_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
