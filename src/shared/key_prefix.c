#include "shared/key_prefix.h"

#include "shared/credential_bloom.h"
#include "shared/text.h"

enum { KEY_LENGTH_MIN = 16 };

/* Arrays, not pointers, which the loader would relocate at every exec. */
struct prefix {
	char text[16], provider[16];
};

static const struct prefix prefixes[] = {
	{"", ""}, /* index 0: no provider */
#define PREFIX(text, family) {text, family},
#include "keytrail/credentials.def"
};

const char *provider_name(uint8_t provider)
{
	return prefixes[provider < ARRAY_LENGTH(prefixes) ? provider : 0]
		.provider;
}

/* Every prefix has three bytes or more. */
static bool may_have_prefix(const char *value)
{
	return value[0] && value[1] && value[2] &&
	       bloom_has(key_beginnings,
			 (uint32_t)(unsigned char)value[0] |
				 (uint32_t)(unsigned char)value[1] << 8 |
				 (uint32_t)(unsigned char)value[2] << 16);
}

/* The longest prefix wins: sk-ant- before sk-. */
uint8_t provider_of(const char *value)
{
	size_t longest = 0;
	uint8_t best = 0;

	if (!may_have_prefix(value))
		return 0;
	for (uint8_t i = 1; i < ARRAY_LENGTH(prefixes); i++) {
		const char *text = prefixes[i].text;

		if (str_begins(value, text) && str_length(text) > longest)
			longest = str_length(text), best = i;
	}
	return best;
}

bool is_key(const char *value)
{
	return may_have_prefix(value) && str_length(value) >= KEY_LENGTH_MIN &&
	       provider_of(value);
}

bool holds_key(const char *s, size_t n)
{
	for (size_t i = 0; i + KEY_LENGTH_MIN <= n; i++)
		if ((!i || !(is_letter(s[i - 1]) || is_digit(s[i - 1]))) &&
		    provider_of(s + i))
			return true;
	return false;
}
