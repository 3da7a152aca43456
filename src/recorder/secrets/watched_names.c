#include "recorder/secrets/watched_names.h"

#include <stdatomic.h>

#include "recorder/secrets/secret.h"
#include "recorder/lib/str.h"
#include "shared/credential_bloom.h"
#include "shared/credential_name.h"

enum { ADDED = 32, ADDED_BYTES = 64 };

/* Names added since. A bit for each, and most programs have none. */
static _Atomic uint64_t added_bits;
static _Atomic uint32_t n_added;
static struct {
	_Atomic uint32_t length; /* 0: not written yet */
	char name[ADDED_BYTES];
} added[ADDED] __attribute__((section(".bss.seldom"))); /* layout.ld */

static bool is_started;
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

static uint32_t ending(const char *name, size_t n)
{
	return four_bytes(name + n - CREDENTIAL_ENDING) & ~CASE_BITS;
}

/* True for an ending like "iKey": a word of a capital and two small letters.
 * The letter before the word may be any. */
static bool ends_in_short_word(const char *name, size_t n)
{
	return (four_bytes(name + n - CREDENTIAL_ENDING) & 0x20202000) ==
	       0x20200000;
}

void watched_names_start(const char *patterns)
{
	patterns_given = *patterns ? patterns : NULL;
	is_started = true;
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

	if (!is_started)
		return false;
	if (n > CREDENTIAL_ENDING) {
		if ((bloom_has(credential_endings, ending(name, n)) ||
		     ends_in_short_word(name, n)) &&
		    (is_credential_name(name, n) ||
		     is_known_setting_name(name, n)))
			return true;
		if (bloom_has(credential_beginnings, first_three(name)) &&
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
