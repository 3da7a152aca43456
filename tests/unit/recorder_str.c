#include "recorder_host.h"

#include "recorder/lib/str.h"

static void compares_bytes_and_texts_to_their_ends(void **state)
{
	(void)state;
	assert_true(bytes_equal("abc", "abd", 2));
	assert_false(bytes_equal("abc", "abd", 3));
	assert_true(bytes_equal("", "x", 0));
	assert_true(str_equal("abc", "abc") && str_equal("", ""));
	assert_false(str_equal("abc", "ab"));
	assert_false(str_equal("ab", "abc"));
	assert_true(str_begins("abc", "ab") && str_begins("abc", ""));
	assert_false(str_begins("ab", "abc"));
	assert_int_equal(str_length(""), 0);
	assert_int_equal(str_length("four"), 4);
}

static void finds_a_character_but_never_the_terminator(void **state)
{
	const char *text = "a=b=c";

	(void)state;
	assert_ptr_equal(str_find_char(text, '='), text + 1);
	assert_null(str_find_char(text, 'x'));
	assert_null(str_find_char(text, '\0'));
	assert_null(str_find_char("", 'x'));
}

static void the_last_part_of_a_path_is_what_follows_the_last_slash(void **state)
{
	(void)state;
	assert_string_equal(base_name("/usr/bin/node"), "node");
	assert_string_equal(base_name("node"), "node");
	assert_string_equal(base_name("/usr/bin/"), "");
	assert_string_equal(base_name(""), "");
}

static void knows_letters_and_digits_and_nothing_else(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		assert_int_equal(is_digit((char)c), c >= '0' && c <= '9');
		assert_int_equal(is_letter((char)c),
				 (c >= 'a' && c <= 'z') ||
					 (c >= 'A' && c <= 'Z'));
		if (!is_letter((char)c) || c >= 'a')
			assert_int_equal(lower((char)c), (char)c);
	}
	assert_int_equal(lower('Q'), 'q');
}

static void speaks_of_a_word_in_any_case_and_any_place(void **state)
{
	(void)state;
	assert_true(str_mentions("My_API_Key", 10, "key"));
	assert_true(str_mentions("key", 3, "key"));
	assert_true(str_mentions("kkey", 4, "key"));
	assert_false(str_mentions("key", 2, "key"));
	assert_false(str_mentions("k-e-y", 5, "key"));
	assert_false(str_mentions("", 0, "key"));
}

static void appends_what_fits_and_says_when_it_was_cut(void **state)
{
	char small[6] = "", guard[8] = "ab\0=====";

	(void)state;
	assert_true(str_append(small, sizeof small, "abc"));
	assert_true(str_append(small, sizeof small, "de"));
	assert_string_equal(small, "abcde");
	assert_false(str_append(small, sizeof small, "f"));
	assert_true(str_append(small, sizeof small, ""));
	assert_string_equal(small, "abcde");
	assert_false(str_append(guard, 4, "cd"));
	assert_memory_equal(guard, "abc\0====", 8);
}

static void writes_every_number_in_decimal(void **state)
{
	static const uint64_t numbers[] = {
		0,   1,		  9,	       10,	  99,
		100, 4294967295u, 4294967296u, INT64_MAX, UINT64_MAX};
	char digits[21], expected[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
		int n = snprintf(expected, sizeof expected, "%llu",
				 (unsigned long long)numbers[i]);

		assert_int_equal(str_decimal(digits, numbers[i]), n);
		assert_string_equal(digits, expected);
	}
}

static void every_byte_survives_hex_and_back(void **state)
{
	uint8_t bytes[256], back[256];
	char digits[513] = "";

	(void)state;
	for (size_t i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	str_hex(digits, bytes, 256);
	assert_int_equal(strlen(digits), 512);
	assert_true(str_unhex(back, 256, digits));
	assert_memory_equal(bytes, back, 256);
	assert_true(str_unhex(back, 2, "AbCd"));
	assert_memory_equal(back, "\xab\xcd", 2);
}

static void what_is_no_hex_or_too_short_is_refused(void **state)
{
	static const char *const bad[] = {"",	  "a",	  "abc",
					  "0g00", "g000", "00 0",
					  "ab-1", "0x00", "\xff\xff\xff\xff"};
	uint8_t bytes[2];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
		assert_false(str_unhex(bytes, 2, bad[i]));
}

/* As dedup.c, sampling.c and env_state.c find a place: by the tag folded, or
 * its low half. Of 1,024 names that chance threw, 647 places would be taken. */
static void names_that_are_alike_are_spread_over_a_table(void **state)
{
	enum { SLOTS = 1024, AT_LEAST = 600 };
	static const char *const forms[] = {"W998_%zu_TOKEN", "%zu_API_KEY",
					    "KEY_%zu", "A%zuB"};
	bool folded[SLOTS], low[SLOTS];
	size_t by_fold, by_low;
	char name[32];

	(void)state;
	for (size_t form = 0; form < ARRAY_LENGTH(forms); form++) {
		memset(folded, 0, sizeof folded);
		memset(low, 0, sizeof low);
		by_fold = by_low = 0;
		for (size_t i = 0; i < SLOTS; i++) {
			int n = snprintf(name, sizeof name, forms[form], i);
			uint64_t tag = hash_bytes(7, name, (size_t)n);

			folded[(tag ^ tag >> 32) % SLOTS] = true;
			low[tag % SLOTS] = true;
		}
		for (size_t i = 0; i < SLOTS; i++)
			by_fold += folded[i], by_low += low[i];
		assert_true(by_fold > AT_LEAST);
		assert_true(by_low > AT_LEAST);
	}
}

static void a_name_and_its_beginning_have_different_hashes(void **state)
{
	(void)state;
	for (size_t a = 0; a < 20; a++)
		for (size_t b = 0; b < a; b++)
			assert_true(hash_bytes(1, "aaaaaaaaaaaaaaaaaaaa", a) !=
				    hash_bytes(1, "aaaaaaaaaaaaaaaaaaaa", b));
	assert_true(hash_bytes(1, "a\0", 2) != hash_bytes(1, "a", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_bytes_and_texts_to_their_ends),
		cmocka_unit_test(finds_a_character_but_never_the_terminator),
		cmocka_unit_test(
			the_last_part_of_a_path_is_what_follows_the_last_slash),
		cmocka_unit_test(knows_letters_and_digits_and_nothing_else),
		cmocka_unit_test(speaks_of_a_word_in_any_case_and_any_place),
		cmocka_unit_test(appends_what_fits_and_says_when_it_was_cut),
		cmocka_unit_test(writes_every_number_in_decimal),
		cmocka_unit_test(every_byte_survives_hex_and_back),
		cmocka_unit_test(what_is_no_hex_or_too_short_is_refused),
		cmocka_unit_test(names_that_are_alike_are_spread_over_a_table),
		cmocka_unit_test(
			a_name_and_its_beginning_have_different_hashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
