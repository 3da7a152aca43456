#include "recorder/http/error_code.h"

#include "recorder/lib/str.h"

#define ERROR_CODE(word) #word "\0"
static const char words[] =
#include "recorder/http/error_code.def"
	;
#undef ERROR_CODE

static const char *word_at(uint8_t index)
{
	const char *word = words;

	while (--index)
		word += str_length(word) + 1;
	return word;
}

/* From 1; 0: no word. */
static uint8_t index_of(const char *text, size_t n)
{
	uint8_t index = 1;

	for (const char *word = words; *word;
	     word += str_length(word) + 1, index++)
		if (bytes_equal(word, text, n) && !word[n])
			return index;
	return 0;
}

const char *error_code_of(const char *text, size_t n)
{
	uint8_t index = n < ERROR_CODE_WORD ? index_of(text, n) : 0;

	return index ? word_at(index) : NULL;
}

void error_code_begin(struct error_code_search *s)
{
	s->left = ERROR_CODE_BYTES;
	s->length = s->best = 0;
	s->is_open = false;
}

/* A quote ends a string or begins one: where a string holds an escaped quote,
 * the text between two strings is looked at as a string, and is no word. */
static bool on_quote(struct error_code_search *s)
{
	uint8_t index = s->is_open && s->length < ERROR_CODE_WORD
				? index_of(s->word, s->length)
				: 0;
	bool is_better = index && (!s->best || index < s->best);

	if (is_better)
		s->best = index;
	s->is_open = true;
	s->length = 0;
	return is_better;
}

bool error_code_read(struct error_code_search *s, const char *bytes, size_t n)
{
	bool is_better = false;

	n = n < s->left ? n : s->left;
	s->left = (uint16_t)(s->left - n);
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '"')
			is_better |= on_quote(s);
		else if (s->length < ERROR_CODE_WORD)
			s->word[s->length++] = bytes[i];
	}
	return is_better;
}

const char *error_code_found(const struct error_code_search *s)
{
	return s->best ? word_at(s->best) : NULL;
}
