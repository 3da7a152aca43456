#include "recorder/secrets/watched_names.h"

#include "recorder/secrets/secret.h"
#include "recorder/lib/str.h"
#include "shared/credential_name.h"

enum { HINT = 4, BLOOM_WORDS = 64 };

/* Most names asked for are PATH, HOME and the like: two bits exclude most.
 * `endings` holds the last HINT bytes of all names and suffixes, `beginnings`
 * the first three bytes of all brands. Empty until watched_names_start. */
static uint64_t endings[BLOOM_WORDS], beginnings[BLOOM_WORDS];
static const char *patterns_given; /* NULL: none */

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

static void bloom_add_endings(struct credential_words words)
{
	for (size_t i = 0; i < words.count; i++)
		bloom_add(endings, four_bytes(words.at[i].text +
					      words.at[i].length - HINT));
}

void watched_names_start(const char *patterns)
{
	struct credential_words brands = credential_brands();

	bloom_add_endings(credential_full_names());
	bloom_add_endings(credential_setting_names());
	bloom_add_endings(credential_suffixes());
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

HOT bool is_watched_name(const char *name, size_t n)
{
	if (n > HINT) {
		if (bloom_has(endings, four_bytes(name + n - HINT)) &&
		    (is_credential_name(name, n) ||
		     is_known_setting_name(name, n)))
			return true;
		if (bloom_has(beginnings, first_three(name)) &&
		    is_near_credential_name(name, n))
			return true;
	}
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
