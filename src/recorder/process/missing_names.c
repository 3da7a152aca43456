#include "recorder/process/missing_names.h"

#include "recorder/lib/str.h"
#include "recorder/process/credential_words.h"
#include "recorder/secrets/watched_names.h"

static bool is_upper(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_name_byte(char c)
{
	return is_upper(c) || (c >= 'a' && c <= 'z');
}

static bool is_equal(const char *a, size_t a_length, const char *b,
		     size_t b_length)
{
	return a_length == b_length && !__builtin_memcmp(a, b, b_length);
}

void missing_names_add(struct missing_names *names, const char *name, size_t n)
{
	char *to = names->text;
	const char *end = to + sizeof names->text;

	if (!is_watched_name(name, n))
		return;
	while (*to) {
		if (is_equal(to, str_length(to), name, n))
			return;
		to += str_length(to) + 1;
	}
	if (n + 2 > (size_t)(end - to))
		return;
	__builtin_memcpy(to, name, n);
	to[n] = to[n + 1] = '\0';
}

static bool speaks_of_missing(const char *text)
{
	static const char *const words[] = {
		"required", "missing",	      "not set",     "not found",
		"unset",    "not defined",    "undefined",   "not provided",
		"must set", "must be set",    "not present", "not supplied",
		"empty",    "not configured",
	};

	return message_has_word(text, words, ARRAY_LENGTH(words));
}

/* The bytes of the word at `at` when all are those of a name in capitals; else
 * 0. `end`: behind the word, or behind a single byte that is in no word. */
static size_t name_at(const char *text, size_t at, size_t *end)
{
	bool is_capital = true;

	for (*end = at; *end < MESSAGE_BYTES && is_name_byte(text[*end]);
	     ++*end)
		is_capital &= is_upper(text[*end]);
	if (*end == at)
		++*end;
	return is_capital && is_name_byte(text[at]) ? *end - at : 0;
}

void missing_names_find(struct missing_names *names, const char *text)
{
	size_t found = 0, n = 0, end;

	if (!speaks_of_missing(text))
		return;
	for (size_t i = 0; i < MESSAGE_BYTES && text[i]; i = end) {
		size_t length = name_at(text, i, &end);

		if (!length || !is_watched_name(text + i, length))
			continue;
		if (n && !is_equal(text + found, n, text + i, length))
			return;
		found = i;
		n = length;
	}
	if (n)
		missing_names_add(names, text + found, n);
}
