#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "shared/preload_list.h"

#define LIBRARY "/k/libkeytrail.so"

/* The list made of `paths`, with the recorder. */
static const char *made_of(const char *paths, const char *runtime)
{
	const struct preload with = {LIBRARY, runtime};
	static char text[512];
	size_t size = preload_size(paths, LIBRARY);

	assert_true(size < sizeof text);
	memset(text, 0x5a, sizeof text);
	preload_write(text, size, paths, &with, true);
	assert_true(strlen(text) < size);
	assert_int_equal(text[size], 0x5a);
	assert_memory_equal(text, PRELOAD_NAME, strlen(PRELOAD_NAME));
	assert_true(preload_is_made(text + strlen(PRELOAD_NAME), &with));
	return text + strlen(PRELOAD_NAME);
}

static void the_recorder_comes_first_but_behind_runtimes(void **state)
{
	static const char *const lists[][3] = {
		{NULL, "", LIBRARY},
		{"", "", LIBRARY},
		{": ::", "", LIBRARY},
		{"/a.so /b.so", "", LIBRARY ":/a.so:/b.so"},
		{"/a.so:" LIBRARY, "", LIBRARY ":/a.so"},
		{"libasan.so.8", "", "libasan.so.8:" LIBRARY},
		{"/a.so:/x/libtsan.so.2::/b.so", "",
		 "/a.so:/x/libtsan.so.2:" LIBRARY ":/b.so"},
		{"/b.so", "libasan.so.8", "/b.so:libasan.so.8: :" LIBRARY},
		{"/x/libasan.so.8", "libasan.so.8", "/x/libasan.so.8:" LIBRARY},
		{"libtsan.so.2", "libasan.so.8",
		 "libtsan.so.2:libasan.so.8: :" LIBRARY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		assert_string_equal(made_of(lists[i][0], lists[i][1]),
				    lists[i][2]);
}

static void another_copy_of_the_recorder_is_replaced(void **state)
{
	(void)state;
	assert_string_equal(made_of("/a.so:/old/libkeytrail.so:/b.so", ""),
			    LIBRARY ":/a.so:/b.so");
	assert_string_equal(made_of("libkeytrail.so libasan.so.8", ""),
			    "libasan.so.8:" LIBRARY);
	assert_string_equal(made_of("/a/mylibkeytrail.so", ""),
			    LIBRARY ":/a/mylibkeytrail.so");
	assert_true(preload_has_us("a /old/libkeytrail.so", LIBRARY));
	assert_false(preload_has_us("/libkeytrail.so/a", LIBRARY));
	assert_false(preload_has_us(NULL, LIBRARY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_recorder_comes_first_but_behind_runtimes),
		cmocka_unit_test(another_copy_of_the_recorder_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
