#include "shared/credential_name.h"

#include "shared/text.h"

/* The text lies in the row itself: a pointer would cost the recorder a
 * relocation at each start. */
struct credential_word {
	uint8_t length;
	char text[31];
};

#define WORD(literal)                                                          \
	{                                                                      \
		sizeof literal - 1, literal                                    \
	}

static const struct credential_word names[] = {
#define CREDENTIAL(name, family) WORD(name),
#include "keytrail/credentials.def"
};

static const struct credential_word setting_names[] = {
#define SETTING(name) WORD(name),
#include "keytrail/credentials.def"
};

static const struct credential_word suffixes[] = {
#define SUFFIX(text) WORD(text),
#include "keytrail/credentials.def"
};

static const struct credential_word brands[] = {
#define BRAND(text, family) WORD(text),
#include "keytrail/credentials.def"
};

static bool ends_with(const char *s, size_t n,
		      const struct credential_word *with)
{
	return n > with->length &&
	       bytes_equal(s + n - with->length, with->text, with->length);
}

HOT static bool is_listed(const struct credential_word *words, size_t count,
			  const char *s, size_t n)
{
	for (size_t i = 0; i < count; i++)
		if (words[i].length == n && bytes_equal(s, words[i].text, n))
			return true;
	return false;
}

HOT bool is_known_credential_name(const char *s, size_t n)
{
	return is_listed(names, ARRAY_LENGTH(names), s, n);
}

HOT bool is_known_setting_name(const char *s, size_t n)
{
	return is_listed(setting_names, ARRAY_LENGTH(setting_names), s, n);
}

/* _API_KEY in any case, with - for _: openai_api_key, INPUT_API-KEY. */
static bool ends_in_any_case(const char *s, size_t n,
			     const struct credential_word *suffix)
{
	size_t from = n - suffix->length;

	if (n <= suffix->length)
		return false;
	for (size_t i = 0; i < suffix->length; i++) {
		char c = s[from + i] == '-' ? '_' : s[from + i];

		if (lower(c) != lower(suffix->text[i]))
			return false;
	}
	return true;
}

/* _API_KEY in words of one capital each: openaiApiKey. */
static bool ends_in_words(const char *s, size_t n,
			  const struct credential_word *suffix)
{
	for (size_t i = suffix->length; i-- > 1; n--) {
		bool begins_word = suffix->text[i - 1] == '_';

		if (n < 2 || lower(s[n - 1]) != lower(suffix->text[i]) ||
		    (s[n - 1] != lower(s[n - 1])) != begins_word)
			return false;
		i -= begins_word;
	}
	return is_letter(s[n - 1]) || is_digit(s[n - 1]);
}

HOT bool is_credential_name(const char *s, size_t n)
{
	for (size_t i = 0; i < ARRAY_LENGTH(suffixes); i++)
		if (ends_in_any_case(s, n, &suffixes[i]) ||
		    ends_in_words(s, n, &suffixes[i]))
			return true;
	return is_known_credential_name(s, n);
}

static bool is_setting(const char *s, size_t n)
{
	static const struct credential_word settings[] = {
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

static bool mentions_credential(const char *s, size_t n)
{
	static const char hints[][8] = {"key",	"kye",	"tok",	"secr",
					"pass", "cred", "auth", "api"};

	for (size_t i = 0; i < ARRAY_LENGTH(hints); i++)
		if (str_mentions(s, n, hints[i]))
			return true;
	return false;
}

bool is_near_credential_name(const char *s, size_t n)
{
	for (size_t i = 0; i < ARRAY_LENGTH(brands); i++) {
		size_t brand = brands[i].length;

		if (n > brand && bytes_equal(s, brands[i].text, brand) &&
		    mentions_credential(s + brand, n - brand))
			return !is_setting(s, n);
	}
	return false;
}
