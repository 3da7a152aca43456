/* Each test looks at the bytes between `s` and `s + n`, and at the null byte
 * that ends the value. */
#include "shared/value_shape.h"

#include "keytrail/trace.h"
#include "shared/text.h"
#include "shared/credential_name.h"
#include "shared/key_prefix.h"
#include "shared/malformed_key.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_blank_or_line_end(char c)
{
	return is_blank(c) || c == '\r' || c == '\n';
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

bool value_is_literal(const char *s, size_t n)
{
	static const char words[][20] = {
		"undefined",
		"null",
		"NULL",
		"None",
		"NaN",
		"nil",
		"[object Object]",
		"[object Promise]",
	};

	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (str_length(words[i]) == n && bytes_equal(s, words[i], n))
			return true;
	return false;
}

static bool is_unexpanded(const char *s, size_t n)
{
	if (n < 3)
		return false;
	if (s[0] == '$' && s[1] == '{' && s[n - 1] == '}')
		return true;
	if (s[0] == '$' && s[1] == '(' && s[n - 1] == ')')
		return true;
	if (s[0] == '{' && s[1] == '{' && s[n - 1] == '}' && s[n - 2] == '}')
		return true;
	if (s[0] == '%' && s[n - 1] == '%')
		return true;
	if (s[0] != '$' || !(is_letter(s[1]) || s[1] == '_'))
		return false;
	for (size_t i = 1; i < n; i++)
		if (!is_letter(s[i]) && !is_digit(s[i]) && s[i] != '_')
			return false;
	return true;
}

static bool begins_with(const char *s, size_t n, const char *word)
{
	while (n && *word && lower(*s) == *word)
		s++, word++, n--;
	return !*word;
}

/* Called for every credential at every birth: a single pass. */
static bool holds_hint(const char *s, size_t n)
{
	static const char hints[][16] = {
		"your-",      "your_",	      "yourkey",      "changeme",
		"change-me",  "change_me",    "replaceme",    "replace-me",
		"replace_me", "replace_with", "placeholder",  "insert-",
		"insert_",    "api-key-here", "api_key_here", "key-here",
		"key_here",   "xxxxxx",	      "....",	      "****"};

	for (size_t at = 0; at < n; at++) {
		char c = lower(s[at]);

		for (size_t i = 0; i < ARRAY_LENGTH(hints); i++)
			if (hints[i][0] == c &&
			    begins_with(s + at, n - at, hints[i]))
				return true;
	}
	return false;
}

/* Values of examples: your-api-key, <key>, xxxxxxxx, sk-..., replace_me. */
static bool is_placeholder(const char *s, size_t n)
{
	static const char words[][16] = {"xxx",	      "***",   "todo",
					 "fixme",     "dummy", "redacted",
					 "[redacted]"};

	if (n > 64)
		return false;
	/* one in twenty thousand real keys has four */
	if (n <= 20 && str_mentions(s, n, "xxxx"))
		return true;
	if (n > 2 && ((s[0] == '<' && s[n - 1] == '>') ||
		      bytes_equal(s + n - 3, "...", 3)))
		return true;
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (str_length(words[i]) == n && str_mentions(s, n, words[i]))
			return true;
	return holds_hint(s, n);
}

/* The text that stands for a hidden value: str() of a SecretStr. */
static bool is_masked(const char *s, size_t n)
{
	enum { SHORTEST = 3, LONGEST = 64 };

	for (size_t i = 0; i < n; i++)
		if (s[i] != '*')
			return false;
	return n >= SHORTEST && n <= LONGEST;
}

static uint32_t bytes_shape(const char *s, size_t n)
{
	uint32_t is = 0;
	size_t hex = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '\r')
			is |= KT_IS_CR;
		else if (c == '\n')
			is |= KT_IS_LF;
		else if ((c < ' ' && c != '\t') || c > '~')
			is |= KT_IS_UNPRINTABLE;
		hex += is_hex(s[i]);
	}
	return hex == n && n >= 32 ? (is | KT_IS_HEX) : is;
}

/* Narrows s[*from..*to) to the text between blanks and line ends. */
static void trim(const char *s, size_t *from, size_t *to)
{
	while (*from < *to && is_blank_or_line_end(s[*from]))
		++*from;
	while (*to > *from && is_blank_or_line_end(s[*to - 1]))
		--*to;
}

/* --- quotes --------------------------------------------------------------- */

/* Bytes of a quote at `s`: a typographic one has three in UTF-8 (U+2018 to
 * U+201F). 0: no quote. */
static size_t quote_at(const char *s, const char *end)
{
	if (s < end && is_quote(*s))
		return 1;
	return end - s >= 3 && bytes_equal(s, "\xe2\x80", 2) &&
			       (unsigned char)s[2] >= 0x98 &&
			       (unsigned char)s[2] <= 0x9f
		       ? 3
		       : 0;
}

static size_t quote_before(const char *begin, const char *end)
{
	if (end > begin && is_quote(end[-1]))
		return 1;
	return end - begin >= 3 && quote_at(end - 3, end) == 3 ? 3 : 0;
}

struct quotes {
	size_t opening, closing; /* bytes of each; 0: none */
};

/* A pair belongs together when both are of one kind; typographic ones always.
 */
static bool is_pair(const struct quotes *q, const char *s, size_t n)
{
	return q->opening && q->opening == q->closing &&
	       q->opening + q->closing <= n &&
	       (q->opening == 3 || s[0] == s[n - 1]);
}

static struct quotes quotes_of(const char *s, size_t n)
{
	return (struct quotes){quote_at(s, s + n), quote_before(s, s + n)};
}

void value_strip(const char *s, size_t *from, size_t *to)
{
	struct quotes q;

	trim(s, from, to);
	q = quotes_of(s + *from, *to - *from);
	if (is_pair(&q, s + *from, *to - *from))
		*from += q.opening, *to -= q.closing;
}

/* b'sk-...': the text that Python makes of bytes. */
static bool is_bytes_text(const char *s, size_t n)
{
	return n > 3 && s[0] == 'b' && (s[1] == '\'' || s[1] == '"') &&
	       s[n - 1] == s[1];
}

/* One quote at one end: the other was cut, or stands in another line. A value
 * of one character is no quoted value. */
static uint32_t quote_shape(const char *s, size_t n)
{
	struct quotes q = quotes_of(s, n);

	if (is_pair(&q, s, n))
		return KT_IS_QUOTED;
	if (is_bytes_text(s, n))
		return KT_IS_OPEN_QUOTE | KT_IS_BYTES_TEXT;
	return n > q.opening + q.closing && !q.opening != !q.closing
		       ? KT_IS_OPEN_QUOTE
		       : 0;
}

/* --- what a secret is written in -------------------------------------------
 */

/* [REDACTED] is a word, not a list. */
static bool is_json(const char *s, size_t n)
{
	return n > 1 && !(s[0] == '[' && is_letter(s[1])) &&
	       ((s[0] == '{' && s[n - 1] == '}') ||
		(s[0] == '[' && s[n - 1] == ']'));
}

static bool holds(const char *s, size_t n, const char *word)
{
	size_t length = str_length(word);

	for (; n >= length; s++, n--)
		if (bytes_equal(s, word, length))
			return true;
	return false;
}

/* A quote that is no part of the key may stand before it. */
static uint32_t pem_shape(const char *s, size_t n)
{
	size_t quote = quote_at(s, s + n);
	uint32_t is = quote ? 0 : KT_IS_PEM;

	if (!holds(s + quote, n - quote < 11 ? n - quote : 11, "-----BEGIN "))
		return 0;
	if (holds(s, n, "\\n"))
		is |= KT_IS_ESCAPED_LF;
	if (!holds(s, n, "-----END "))
		is |= KT_IS_PEM_CUT;
	return is;
}

/* --- what stands for a secret, or around one --------------------------------
 */

static bool is_reference(const char *s, size_t n)
{
	static const char beginnings[][28] = {"op://",
					      "encrypted:",
					      "ENC[",
					      "secretref:",
					      "vault:",
					      "ref+",
					      "arn:aws:secretsmanager:",
					      "file:///run/secrets/"};

	for (size_t i = 0; i < ARRAY_LENGTH(beginnings); i++)
		if (str_length(beginnings[i]) < n &&
		    bytes_equal(s, beginnings[i], str_length(beginnings[i])))
			return true;
	return n > 9 && bytes_equal(s, "projects/", 9) &&
	       holds(s, n, "/secrets/");
}

/* NAME=sk-..., or export NAME=...: the line of a file. A padded base64 text
 * looks like a name and "=", too: so the name speaks of a credential, or the
 * value is a key. */
static bool is_assignment(const char *s, size_t n)
{
	static const char export[] = "export ";
	bool is_exported = n > sizeof export && str_begins(s, export);
	size_t at = 0;

	if (is_exported)
		s += sizeof export - 1, n -= sizeof export - 1;
	while (at < n && ((s[at] >= 'A' && s[at] <= 'Z') || s[at] == '_' ||
			  (at && is_digit(s[at]))))
		at++;
	if (!at || at + 1 >= n || s[at] != '=' || s[at + 1] == '=')
		return false;
	return is_exported || is_credential_name(s, at) || is_key(s + at + 1);
}

/* What a request says before the secret. */
static bool is_header(const char *s, size_t n)
{
	static const char beginnings[][20] = {
		"bearer ",	  "basic ",	"token ",
		"authorization:", "x-api-key:", "api-key:"};

	for (size_t i = 0; i < ARRAY_LENGTH(beginnings); i++)
		if (str_length(beginnings[i]) < n &&
		    begins_with(s, n, beginnings[i]))
			return true;
	return false;
}

/* A line end that is none of the end of the value. */
static bool has_inner_line_end(const char *s, size_t n)
{
	return str_has_char(s, n, '\n') || str_has_char(s, n, '\r');
}

/* --- all -------------------------------------------------------------------
 */

/* One quote, or a pair, has a shape of its own. */
static uint32_t unquoted_shape(const char *s, size_t n)
{
	struct quotes q = quotes_of(s, n);

	if (q.opening + q.closing >= n)
		return 0;
	return key_shape(s + q.opening, n - q.opening - q.closing);
}

/* Of the value less blanks and line ends around it. */
static uint32_t inner_shape(const char *s, size_t n)
{
	uint32_t is =
		quote_shape(s, n) | pem_shape(s, n) | unquoted_shape(s, n);

	if (is_json(s, n))
		is |= KT_IS_JSON;
	if (is_reference(s, n))
		is |= KT_IS_REFERENCE;
	if (is_assignment(s, n))
		is |= KT_IS_ASSIGNMENT;
	if (is_header(s, n))
		is |= KT_IS_HEADER;
	return is;
}

uint32_t value_shape(const char *s, size_t n)
{
	uint32_t is = bytes_shape(s, n);
	size_t from = 0, to = n;

	if (!n)
		return KT_IS_EMPTY;
	trim(s, &from, &to);
	is |= inner_shape(s + from, to - from);
	if ((is & (KT_IS_CR | KT_IS_LF)) &&
	    has_inner_line_end(s + from, to - from))
		is |= KT_IS_INNER_LF;
	if (is_blank(s[0]) || is_blank(s[n - 1]))
		is |= KT_IS_BLANK;
	if (str_begins(s, "\xef\xbb\xbf"))
		is |= KT_IS_BOM;
	if (is_unexpanded(s, n))
		is = (is & ~KT_IS_JSON) | KT_IS_UNEXPANDED;
	if (value_is_literal(s, n))
		is |= KT_IS_LITERAL;
	if (is_masked(s, n))
		is |= KT_IS_MASKED | KT_IS_PLACEHOLDER;
	if (is_placeholder(s, n))
		is |= KT_IS_PLACEHOLDER;
	if (n == 4 && bytes_equal(s, "true", 4))
		is |= KT_IS_BOOLEAN;
	return is;
}
