#include "recorder/secrets/watched_names.h"

#include "recorder/secrets/secret.h"
#include "recorder/lib/str.h"

enum { HINT = 4, BLOOM_WORDS = 64 };

/* An array, not a pointer: nothing for the loader to relocate. */
struct word {
	uint8_t length;
	char text[31];
};
#define WORD(literal)                                                          \
	{                                                                      \
		sizeof literal - 1, literal                                    \
	}

static const struct word names[] = {
#define CREDENTIAL(name, family) WORD(name),
#include "keytrail/credentials.def"
};

static const struct word suffixes[] = {
#define SUFFIX(text) WORD(text),
#include "keytrail/credentials.def"
};

static const struct word brands[] = {
#define BRAND(text, family) WORD(text),
#include "keytrail/credentials.def"
};

/* Most names asked for are PATH, HOME and the like: two bits turn them away.
 * One set holds the last HINT bytes of all names and suffixes, the other the
 * first three bytes of all brands. Empty until watched_names_start. */
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

/* Both bits stand in one word, for a busy program has the others in no cache:
 * three stray names in a thousand get past. */
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

static void bloom_add_endings(const struct word *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bloom_add(endings,
			  four_bytes(words[i].text + words[i].length - HINT));
}

void watched_names_start(const char *patterns)
{
	bloom_add_endings(names, ARRAY_LENGTH(names));
	bloom_add_endings(suffixes, ARRAY_LENGTH(suffixes));
	for (size_t i = 0; i < ARRAY_LENGTH(brands); i++)
		bloom_add(beginnings, first_three(brands[i].text));
	patterns_given = *patterns ? patterns : NULL;
}

static bool ends_with(const char *s, size_t n, const struct word *with)
{
	return n > with->length &&
	       bytes_equal(s + n - with->length, with->text, with->length);
}

static inline bool is_full_name(const char *s, size_t n)
{
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		if (names[i].length == n && bytes_equal(s, names[i].text, n))
			return true;
	return false;
}

bool watch_is_well_known(const char *s, size_t n)
{
	return is_full_name(s, n);
}

HOT static bool is_credential(const char *s, size_t n)
{
	for (size_t i = 0; i < ARRAY_LENGTH(suffixes); i++)
		if (ends_with(s, n, &suffixes[i]))
			return true;
	return is_full_name(s, n);
}

static bool is_setting(const char *s, size_t n)
{
	static const struct word settings[] = {
		WORD("_URL"),	     WORD("_BASE"),	WORD("_HOST"),
		WORD("_ENDPOINT"),   WORD("_MODEL"),	WORD("_VERSION"),
		WORD("_TYPE"),	     WORD("_ORG"),	WORD("_ORGANIZATION"),
		WORD("_PROJECT"),    WORD("_TIMEOUT"),	WORD("_REGION"),
		WORD("_NAME"),	     WORD("_PROXY"),	WORD("_LIMIT"),
		WORD("_DEPLOYMENT"), WORD("_LOCATION"), WORD("_PATH"),
		WORD("_DIR"),	     WORD("_FILE"),	WORD("_PORT"),
		WORD("_DISABLED"),   WORD("_ENABLED"),	WORD("_PROFILE"),
		WORD("_MAX_TOKENS"), WORD("_MODE"),	WORD("_1K_TOKENS"),
	};

	for (size_t i = 0; i < ARRAY_LENGTH(settings); i++)
		if (ends_with(s, n, &settings[i]))
			return true;
	return false;
}

/* OPENAI_API_KYE, OPEN_AI_KEYS: near to a name that we know. */
static __attribute__((noinline)) bool is_near(const char *s, size_t n)
{
	static const char hints[][8] = {"key",	"kye",	"tok",	"secr",
					"pass", "cred", "auth", "api"};

	for (size_t i = 0; i < ARRAY_LENGTH(brands); i++) {
		size_t brand = brands[i].length;

		if (n <= brand || !bytes_equal(s, brands[i].text, brand))
			continue;
		for (size_t k = 0; k < ARRAY_LENGTH(hints); k++)
			if (str_mentions(s + brand, n - brand, hints[k]))
				return !is_setting(s, n);
	}
	return false;
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
		    is_credential(name, n))
			return true;
		if (bloom_has(beginnings, first_three(name)) &&
		    is_near(name, n))
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
