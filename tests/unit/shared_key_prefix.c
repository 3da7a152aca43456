#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "shared/key_prefix.h"

static bool holds(const char *text)
{
	return holds_key(text, strlen(text));
}

static void a_key_is_found_anywhere_but_inside_a_word(void **state)
{
	(void)state;
	assert_true(holds("sk-0123456789abc"));
	assert_true(holds("--key=sk-0123456789abc"));
	assert_true(holds("a ghp_0123456789ab z"));
	assert_false(holds("disk-0123456789abc"));
	assert_false(holds("7sk-0123456789abcd"));
	assert_false(holds("sk-0123456789ab"));
	assert_false(holds(""));
}

static void no_byte_behind_the_text_is_read(void **state)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *end = page + 4096;

	(void)state;
	assert_true(page != MAP_FAILED);
	assert_int_equal(mprotect(end, 4096, PROT_NONE), 0);
	for (size_t n = 0; n <= 16; n++) {
		memcpy(end - n, "github_pat_01234", n);
		assert_true(holds_key(end - n, n) == (n == 16));
	}
	munmap(page, 8192);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_found_anywhere_but_inside_a_word),
		cmocka_unit_test(no_byte_behind_the_text_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
