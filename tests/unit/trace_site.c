#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "trace/site.h"

static bool has_file(struct str site, const char *file, uint64_t line)
{
	return str_eq(site_file(site), str_of(file)) && site_line(site) == line;
}

static void a_line_has_a_file(void **state)
{
	(void)state;
	assert_true(has_file(STR("/app/main.js:12"), "/app/main.js", 12));
	assert_true(has_file(STR("file:///app/a.mjs:3"), "file:///app/a.mjs", 3));
	assert_true(has_file(STR("/app/b.js:7 (compiled)"), "/app/b.js", 7));
	assert_true(has_file(STR("/odd:name:4"), "/odd:name", 4));
}

static void other_sites_have_no_line(void **state)
{
	(void)state;
	assert_true(has_file(STR("libuv.so.1+0x31"), "libuv.so.1+0x31", 0));
	assert_true(has_file(STR("/app/run.sh"), "/app/run.sh", 0));
	assert_true(has_file(STR("/app/run:sh"), "/app/run:sh", 0));
	assert_true(has_file(STR("std::env::var"), "std::env::var", 0));
	assert_true(has_file(STR("main"), "main", 0));
	assert_true(has_file(STR(":3"), ":3", 0));
	assert_true(has_file(STR(""), "", 0));
}

static void lines_of_a_file_share_it(void **state)
{
	(void)state;
	assert_true(sites_share_file(STR("/app/a.py:1"), STR("/app/a.py:20")));
	assert_true(sites_share_file(STR("/app/a.js:1"),
				     STR("/app/a.js:2 (compiled)")));
	assert_false(sites_share_file(STR("/app/a.py:1"), STR("/app/b.py:1")));
	assert_false(sites_share_file(STR("/app/a.py:1"), STR("main")));
}

static void offsets_in_a_module_share_it(void **state)
{
	(void)state;
	assert_true(sites_share_file(STR("node+0x10"), STR("node+0x2f")));
	assert_false(sites_share_file(STR("libc++.so+0x1"), STR("libc.so+0x1")));
	assert_false(sites_share_file(STR("node+0x10"), STR("node+js")));
}

static void sites_without_lines_share_nothing(void **state)
{
	(void)state;
	assert_true(sites_share_file(STR("main"), STR("main")));
	assert_true(sites_share_file(STR(""), STR("")));
	assert_false(sites_share_file(STR("main"), STR("read_config")));
	assert_false(sites_share_file(STR("/app/a.sh"), STR("/app/b.sh")));
	assert_false(sites_share_file(STR("a::b"), STR("a::c")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_a_file),
		cmocka_unit_test(other_sites_have_no_line),
		cmocka_unit_test(lines_of_a_file_share_it),
		cmocka_unit_test(offsets_in_a_module_share_it),
		cmocka_unit_test(sites_without_lines_share_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
