#include "recorder/process/credential_words.h"

#include "shared/text.h"

static char lower_case(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_word_byte(char c)
{
	c = lower_case(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* A blank in `word` stands for any byte between two words, or for none:
 * "api key" is in API_KEY and in apikey. */
static bool is_at(const char *text, const char *word)
{
	for (; *word; word++) {
		if (*word == ' ') {
			text += *text && !is_word_byte(*text);
			continue;
		}
		if (lower_case(*text++) != *word)
			return false;
	}
	return true;
}

/* Not as a part of a longer number. */
static bool is_status(const char *text, bool begins_word)
{
	return begins_word && is_at(text, "401") && !is_word_byte(text[3]);
}

bool message_has_word(const char *text, const char *const *words, size_t n)
{
	for (size_t i = 0; text && i < MESSAGE_BYTES && text[i]; i++)
		for (size_t w = 0; w < n; w++)
			if (is_at(text + i, words[w]))
				return true;
	return false;
}

static bool has_status(const char *text)
{
	for (size_t i = 0; i < MESSAGE_BYTES && text[i]; i++)
		if (is_status(text + i, !i || !is_word_byte(text[i - 1])))
			return true;
	return false;
}

bool speaks_of_credential_text(const char *text)
{
	static const char *const words[] = {
		"unauthorized", "unauthorised",	  "unauthenticated",
		"api key",	"authentication", "credential",
		"invalid key",	"access token",	  "invalid token",
		"bad token",	"bearer",	  "secret key",
	};

	return text && (has_status(text) ||
			message_has_word(text, words, ARRAY_LENGTH(words)));
}
