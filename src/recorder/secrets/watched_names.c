#include "recorder/secrets/watched_names.h"

#include <stdatomic.h>

#include "recorder/secrets/secret.h"
#include "recorder/lib/str.h"
#include "shared/credential_name.h"

enum { HINT = 4, BLOOM_WORDS = 64, ADDED = 32, ADDED_BYTES = 64 };

/* Most names asked for are PATH, HOME and the like: two bits exclude most.
 * `endings` holds the last HINT bytes of all names and suffixes, without the
 * case, and `beginnings` the first three bytes of all brands. Empty until
 * watched_names_start. */
static uint64_t endings[BLOOM_WORDS], beginnings[BLOOM_WORDS];
static const char *patterns_given; /* NULL: none */

/* Names added since. A bit for each, and most programs have none. */
static _Atomic uint64_t added_bits;
static _Atomic uint32_t n_added;
static struct {
	_Atomic uint32_t length; /* 0: not written yet */
	char name[ADDED_BYTES];
} added[ADDED];

static uint32_t four_bytes(const char *s)
{
	uint32_t word;

	__builtin_memcpy(&word, s, sizeof word);
	return word;
}

static uint32_t first_three(const char *s)
{
	return four_bytes(s) &
	       0xffffff; /* little endian, as syscall.h requires */
}

/* Both bits lie in the same word, for a busy program has other words in no
 * cache. Three of a thousand unrelated names pass the test. */
static size_t bloom_place(uint32_t word, uint64_t *bits)
{
	uint32_t hash = word * 2654435761u;

	*bits = UINT64_C(1) << (hash >> 20) % 64 | UINT64_C(1)
							   << (hash >> 14) % 64;
	return hash >> 26;
}

static void bloom_add(uint64_t *bloom, uint32_t word)
{
	uint64_t bits;
	size_t place = bloom_place(word, &bits);

	bloom[place] |= bits;
}

static bool bloom_has(const uint64_t *bloom, uint32_t word)
{
	uint64_t bits;
	size_t place = bloom_place(word, &bits);

	return (bloom[place] & bits) == bits;
}

/* One bit tells capitals from small letters, and _ has the bit of a capital. */
static uint32_t without_case(uint32_t word)
{
	return word & 0xdfdfdfdf;
}

static uint32_t ending(const char *name, size_t n)
{
	return without_case(four_bytes(name + n - HINT));
}

/* True for an ending like "iKey": a word of a capital and two small letters.
 * The letter before the word may be any. */
static bool ends_in_short_word(const char *name, size_t n)
{
	return (four_bytes(name + n - HINT) & 0x20202000) == 0x20200000;
}

static void bloom_add_endings(struct credential_words words)
{
	for (size_t i = 0; i < words.count; i++)
		bloom_add(endings,
			  ending(words.at[i].text, words.at[i].length));
}

/* A suffix also with - for _, and without any _ where words begin with
 * capitals. */
static void bloom_add_spellings(const struct credential_word *suffix)
{
	char dashed[HINT], joined[HINT];
	size_t n = suffix->length, room = HINT;

	for (size_t i = 0; i < HINT; i++) {
		char c = suffix->text[n - HINT + i];

		dashed[i] = c == '_' ? '-' : c;
	}
	bloom_add(endings, ending(dashed, HINT));
	for (; n && room; n--)
		if (suffix->text[n - 1] != '_')
			joined[--room] = suffix->text[n - 1];
	if (!room)
		bloom_add(endings, ending(joined, HINT));
}

void watched_names_start(const char *patterns)
{
	struct credential_words suffixes = credential_suffixes();
	struct credential_words brands = credential_brands();

	bloom_add_endings(credential_full_names());
	bloom_add_endings(credential_setting_names());
	bloom_add_endings(suffixes);
	for (size_t i = 0; i < suffixes.count; i++)
		bloom_add_spellings(&suffixes.at[i]);
	for (size_t i = 0; i < brands.count; i++)
		bloom_add(beginnings, first_three(brands.at[i].text));
	patterns_given = *patterns ? patterns : NULL;
}

bool glob_matches(const char *pattern, const char *name, size_t n)
{
	const char *star = NULL, *end = name + n, *retry = name;

	while (name < end) {
		if (*pattern == '*')
			star = ++pattern, retry = name;
		else if (*pattern == '?' || *pattern == *name)
			pattern++, name++;
		else if (star)
			pattern = star, name = ++retry;
		else
			return false;
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static __attribute__((noinline)) bool matches_pattern(const char *name,
						      size_t n)
{
	for (const char *p = patterns_given; *p; p += str_length(p) + 1)
		if (glob_matches(p, name, n))
			return true;
	return false;
}

static uint64_t added_bit(const char *name, size_t n)
{
	size_t sum = n + (unsigned char)name[0] + (unsigned char)name[n - 1];

	return UINT64_C(1) << sum % 64;
}

static bool is_added(const char *name, size_t n)
{
	for (size_t i = 0; i < ADDED; i++)
		if (atomic_load(&added[i].length) == n &&
		    bytes_equal(added[i].name, name, n))
			return true;
	return false;
}

bool watched_names_add(const char *name, size_t n)
{
	uint32_t i;

	if (!n || n > ADDED_BYTES || atomic_load(&n_added) >= ADDED)
		return false;
	if (is_added(name, n))
		return true;
	i = atomic_fetch_add(&n_added, 1);
	if (i >= ADDED)
		return false;
	__builtin_memcpy(added[i].name, name, n);
	atomic_store(&added[i].length, (uint32_t)n);
	atomic_fetch_or(&added_bits, added_bit(name, n));
	return true;
}

HOT bool is_watched_name(const char *name, size_t n)
{
	uint64_t bits = atomic_load_explicit(&added_bits, memory_order_relaxed);

	if (n > HINT) {
		if ((bloom_has(endings, ending(name, n)) ||
		     ends_in_short_word(name, n)) &&
		    (is_credential_name(name, n) ||
		     is_known_setting_name(name, n)))
			return true;
		if (bloom_has(beginnings, first_three(name)) &&
		    is_near_credential_name(name, n))
			return true;
	}
	if (bits && n && bits & added_bit(name, n) && is_added(name, n))
		return true;
	return patterns_given && matches_pattern(name, n);
}

bool is_watched_entry(const char *entry, size_t name_length)
{
	if (is_ours(entry, name_length) || !entry[name_length])
		return false;
	return is_watched_name(entry, name_length) ||
	       secret_is_key_shaped(secret_of(entry + name_length + 1));
}

bool is_ours(const char *entry, size_t name_length)
{
	return (name_length == 10 && bytes_equal(entry, "LD_PRELOAD", 10)) ||
	       (name_length == 8 && bytes_equal(entry, "KEYTRAIL", 8));
}
