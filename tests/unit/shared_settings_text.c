#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "shared/settings_text.h"

/* The settings of a text, as "ID=VALUE ID=VALUE". */
static const char *read_all(const char *text)
{
	static const char *const ids[] = {
#define SETTING(id, name) #id,
		SETTINGS(SETTING)
#undef SETTING
			"OTHER"};
	static char told[512];
	struct setting s;
	size_t n = 0;

	told[0] = '\0';
	while (setting_next(&text, &s))
		n += (size_t)snprintf(told + n, sizeof told - n, "%s%s=%.*s",
				      n ? " " : "", ids[s.id],
				      s.at ? (int)(s.end - s.at) : 0,
				      s.at ? s.at : "");
	return told;
}

static void every_setting_is_read(void **state)
{
	(void)state;
	assert_string_equal(read_all("dir=/a,key=k,keyfile=/f,boot=b.1,"
				     "inode=1.2,max=4k,stacks=1,ends=0,"
				     "watch=X*"),
			    "DIR=/a KEY=k KEYFILE=/f BOOT=b.1 INODE=1.2 "
			    "MAX=4k STACKS=1 ENDS=0 WATCH=X*");
	assert_string_equal(read_all(""), "");
}

static void a_text_may_hold_settings_of_a_later_version(void **state)
{
	(void)state;
	assert_string_equal(read_all(",,later=1,di,dir"),
			    "OTHER= OTHER= OTHER= OTHER= OTHER=");
	assert_string_equal(read_all("dir=/a,"), "DIR=/a");
}

static void off_is_a_whole_word(void **state)
{
	(void)state;
	assert_true(settings_say_off("off"));
	assert_true(settings_say_off("dir=/a,off"));
	assert_true(settings_say_off("off,watch=A"));
	assert_false(settings_say_off("offer,of,dir=off,watch=off"));
	assert_false(settings_say_off(""));
}

static void slashes_at_the_end_of_a_directory_are_dropped(void **state)
{
	(void)state;
	assert_string_equal(read_all("dir=/a//,max=1"), "DIR=/a MAX=1");
	assert_string_equal(read_all("dir=/"), "DIR=/");
	assert_string_equal(read_all("dir="), "DIR=");
}

static void the_name_of_each_setting_reads_as_that_setting(void **state)
{
	(void)state;
	for (enum setting_id id = 0; id < SETTING_OTHER; id++) {
		const char *text = setting_name(id);
		struct setting s;

		assert_true(setting_next(&text, &s));
		assert_int_equal(s.id, id);
		assert_ptr_equal(s.at, s.end);
	}
}

static void a_comma_cannot_be_part_of_a_value(void **state)
{
	(void)state;
	assert_true(setting_can_hold("/a b=c"));
	assert_false(setting_can_hold("/a,b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_setting_is_read),
		cmocka_unit_test(a_text_may_hold_settings_of_a_later_version),
		cmocka_unit_test(off_is_a_whole_word),
		cmocka_unit_test(slashes_at_the_end_of_a_directory_are_dropped),
		cmocka_unit_test(
			the_name_of_each_setting_reads_as_that_setting),
		cmocka_unit_test(a_comma_cannot_be_part_of_a_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
