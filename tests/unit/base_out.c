#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/out.h"
#include "shared/utf8.h"

static struct arena *arena;

static void assert_text(const struct out *o, const char *expected)
{
	struct str text = out_memory(o);

	assert_int_equal(text.len, strlen(expected));
	assert_memory_equal(text.at, expected, text.len);
}

static void json_is_valid_whatever_the_bytes(void **state)
{
	struct out o = out_to_memory(arena);

	(void)state;
	out_json(&o, STR("a\"\\\n\x01\0\x7f\xff\xc3\xa9\xc2\x9b\xed\xa0\x80"));
	assert_text(&o, "\"a\\\"\\\\\\n\\u0001\\u0000\\u007f\\ufffd\xc3\xa9"
			"\\u009b\\ufffd\\ufffd\\ufffd\"");
}

static void a_line_of_json_says_the_same_and_commands_nobody(void **state)
{
	struct out o = out_to_memory(arena);

	(void)state;
	out_json_line(&o, STR("{\t\"a\\n\":\"\xc3\xa9\xc2\x9b\xe2\x80\xae\x7f"
			      "\xf3\xa0\x81\x81\xff\"}"));
	assert_text(&o, "{ \"a\\n\":\"\xc3\xa9\\u009b\\u202e\\u007f"
			"\\udb40\\udc41\\ufffd\"}");
}

static void no_byte_commands_the_terminal(void **state)
{
	struct out o = out_to_memory(arena);
	char all[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	out_clean(&o, (struct str){all, sizeof all});
	out_clean(&o, STR("\xc2\x9b\xe2\x80\xae\xe2\x81\xa6\n\r\x1b[2J"));
	for (struct str s = out_memory(&o); s.len; s.at++, s.len--)
		assert_in_range((unsigned char)*s.at, ' ', '~');
}

static void wraps_at_blanks_and_cuts_what_is_longer_than_a_line(void **state)
{
	struct out o = out_to_memory(arena);

	(void)state;
	o.width = 10;
	out_wrap(&o, 2, STR("one  two three abcdefghijklm\tx"));
	assert_text(&o, "one two\n  three\n  abcdefgh\n  ijklm x");
}

static void colour_comes_only_when_asked_for(void **state)
{
	struct out o = out_to_memory(arena);

	(void)state;
	out_style(&o, RED);
	out_clean(&o, STR("x"));
	out_style(&o, PLAIN);
	assert_text(&o, "x");
	o.colour = true;
	out_style(&o, PLAIN);
	assert_text(&o, "x\033[0m");
}

static void writes_more_than_its_buffer_to_a_file(void **state)
{
	FILE *file = tmpfile();
	struct out o = out_to(arena, fileno(file));
	char *large = TAKE(arena, char, 200000);

	(void)state;
	out_str(&o, STR("x"));
	out_str(&o, (struct str){large, 200000});
	out_print(&o, "%d", 17);
	assert_int_equal(out_end(&o), 0);
	assert_int_equal(lseek(fileno(file), 0, SEEK_END), 200003);
	fclose(file);
}

static void a_full_disk_is_told_at_the_end(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct out o = out_to(arena, fd);

	(void)state;
	out_str(&o, STR("x"));
	assert_int_equal(out_end(&o), ENOSPC);
	close(fd);
}

static size_t next(struct str s, uint32_t *ret)
{
	return utf8_next(s.at, s.len, ret);
}

static void utf8_takes_no_long_form_and_no_surrogate(void **state)
{
	uint32_t c = 0;

	(void)state;
	assert_int_equal(next(STR("\xf0\x9f\x94\x91!"), &c), 4);
	assert_int_equal(c, 0x1f511);
	assert_int_equal(next(STR("\xc0\xaf"), &c), 0);
	assert_int_equal(next(STR("\xe0\x80\xaf"), &c), 0);
	assert_int_equal(next(STR("\xed\xb0\x80"), &c), 0);
	assert_int_equal(next(STR("\xf4\x90\x80\x80"), &c), 0);
	assert_int_equal(next(STR("\xe2\x82"), &c), 0);
	assert_int_equal(next(STR(""), &c), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_valid_whatever_the_bytes),
		cmocka_unit_test(
			a_line_of_json_says_the_same_and_commands_nobody),
		cmocka_unit_test(no_byte_commands_the_terminal),
		cmocka_unit_test(
			wraps_at_blanks_and_cuts_what_is_longer_than_a_line),
		cmocka_unit_test(colour_comes_only_when_asked_for),
		cmocka_unit_test(writes_more_than_its_buffer_to_a_file),
		cmocka_unit_test(a_full_disk_is_told_at_the_end),
		cmocka_unit_test(utf8_takes_no_long_form_and_no_surrogate),
	};
	int failed;

	arena = arena_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
