#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "shared/credential_bloom.h"

static uint32_t bytes_of(const char *text, size_t n)
{
	uint32_t bytes = 0;

	while (n--)
		bytes = bytes << 8 | (unsigned char)text[n];
	return bytes;
}

/* The same filter, made by trying each bit of each word with bloom_has. */
static void add(uint64_t bloom[BLOOM_WORDS], uint32_t bytes)
{
	uint64_t all[BLOOM_WORDS];

	memset(all, 0xff, sizeof all);
	for (size_t i = 0; i < BLOOM_WORDS * 64; i++) {
		all[i / 64] &= ~(UINT64_C(1) << i % 64);
		if (!bloom_has(all, bytes))
			bloom[i / 64] |= UINT64_C(1) << i % 64;
		all[i / 64] |= UINT64_C(1) << i % 64;
	}
}

static void add_all(uint64_t bloom[BLOOM_WORDS], const char *const *texts,
		    size_t count, size_t n)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(texts[i]) < n)
			fail_msg("too short: %s", texts[i]);
		add(bloom, bytes_of(texts[i], n));
	}
}

static void add_ending(uint64_t bloom[BLOOM_WORDS], const char *text)
{
	size_t length = strlen(text);

	if (length >= CREDENTIAL_ENDING)
		add(bloom, bytes_of(text + length - CREDENTIAL_ENDING,
				    CREDENTIAL_ENDING) &
				   ~CASE_BITS);
}

/* As `text` is spelt with - or with nothing for _. */
static void add_spelling(uint64_t bloom[BLOOM_WORDS], const char *text,
			 const char *underscore)
{
	char spelt[64];
	size_t n = 0;

	for (; *text; text++)
		if (*text != '_')
			spelt[n++] = *text;
		else if (*underscore)
			spelt[n++] = *underscore;
	spelt[n] = '\0';
	add_ending(bloom, spelt);
}

#define COUNT(list) (sizeof list / sizeof *list)

static void endings_are_those_of_names_settings_and_suffixes(void **state)
{
	static const char *const texts[] = {
#define CREDENTIAL(name, family) name,
#define SETTING(name)		 name,
#define SUFFIX(text)		 text,
#include "keytrail/credentials.def"
	};
	static const char *const suffixes[] = {
#define SUFFIX(text) text,
#include "keytrail/credentials.def"
	};
	uint64_t made[BLOOM_WORDS] = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		add_ending(made, texts[i]);
	for (size_t i = 0; i < COUNT(suffixes); i++) {
		add_spelling(made, suffixes[i], "-");
		add_spelling(made, suffixes[i], "");
	}
	assert_memory_equal(made, credential_endings, sizeof made);
}

static void beginnings_are_those_of_brands(void **state)
{
	static const char *const texts[] = {
#define BRAND(text, family) text,
#include "keytrail/credentials.def"
	};
	uint64_t made[BLOOM_WORDS] = {0};

	(void)state;
	add_all(made, texts, COUNT(texts), 3);
	assert_memory_equal(made, credential_beginnings, sizeof made);
}

static void beginnings_of_keys_are_those_of_prefixes(void **state)
{
	static const char *const texts[] = {
#define PREFIX(text, family) text,
#include "keytrail/credentials.def"
	};
	uint64_t made[BLOOM_WORDS] = {0};

	(void)state;
	add_all(made, texts, COUNT(texts), 3);
	assert_memory_equal(made, key_beginnings, sizeof made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			endings_are_those_of_names_settings_and_suffixes),
		cmocka_unit_test(beginnings_are_those_of_brands),
		cmocka_unit_test(beginnings_of_keys_are_those_of_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
