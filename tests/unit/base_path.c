#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/path.h"

static bool is_below(const char *path, const char *folder)
{
	return path_is_below(str_of(path), str_of(folder));
}

static void a_file_is_below_each_folder_above(void **state)
{
	(void)state;
	assert_true(is_below("/srv/app/main.py", "/srv/app"));
	assert_true(is_below("/srv/app/main.py", "/srv"));
	assert_true(is_below("src/main.py", "src"));
}

static void a_folder_beside_is_not_above(void **state)
{
	(void)state;
	assert_false(is_below("/srv/app-tools/x.py", "/srv/app"));
	assert_false(is_below("/srv/app", "/srv/app"));
	assert_false(is_below("/srv/app/", "/srv/app"));
	assert_false(is_below("/srv", "/srv/app"));
}

static void nothing_is_below_the_root_or_an_unknown_folder(void **state)
{
	(void)state;
	assert_false(is_below("/main.py", "/"));
	assert_false(is_below("//main.py", "/"));
	assert_false(is_below("/main.py", ""));
	assert_false(path_is_below(STR("/main.py"), (struct str){NULL, 0}));
	assert_false(path_is_below((struct str){NULL, 0}, STR("/srv")));
}

static void a_path_is_cut_behind_a_folder_above_alone(void **state)
{
	(void)state;
	assert_true(str_eq(path_behind(STR("/srv/app/main.py"), STR("/srv")),
			   STR("app/main.py")));
	assert_true(str_eq(path_behind(STR("/srv2/main.py"), STR("/srv")),
			   STR("/srv2/main.py")));
	assert_int_equal(path_behind((struct str){NULL, 0}, STR("/srv")).len,
			 0);
}

static void a_parent_ends_without_a_slash(void **state)
{
	(void)state;
	assert_true(str_eq(path_parent(STR("/srv/app")), STR("/srv")));
	assert_true(str_eq(path_parent(STR("/srv")), STR("/")));
	assert_true(str_eq(path_parent(STR("/")), STR("/")));
	assert_true(str_eq(path_parent(STR("src/main.py")), STR("src")));
}

static void a_path_is_seen_from_a_folder(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_true(str_eq(path_from(a, STR("/srv"), STR("/srv/.env")),
			   STR(".env")));
	assert_true(str_eq(path_from(a, STR("/srv"), STR("/srv/conf/.env")),
			   STR("conf/.env")));
	assert_true(str_eq(path_from(a, STR("/srv/a/b"), STR("/srv/.env")),
			   STR("../../.env")));
	assert_true(str_eq(path_from(a, STR("/srv/a"), STR("/srv/b/.env")),
			   STR("/srv/b/.env")));
	assert_true(str_eq(path_from(a, STR("/srv/a"), STR("/.env")),
			   STR("/.env")));
	assert_true(str_eq(path_from(a, STR(""), STR("/srv/.env")),
			   STR("/srv/.env")));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_below_each_folder_above),
		cmocka_unit_test(a_folder_beside_is_not_above),
		cmocka_unit_test(
			nothing_is_below_the_root_or_an_unknown_folder),
		cmocka_unit_test(a_path_is_cut_behind_a_folder_above_alone),
		cmocka_unit_test(a_parent_ends_without_a_slash),
		cmocka_unit_test(a_path_is_seen_from_a_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
