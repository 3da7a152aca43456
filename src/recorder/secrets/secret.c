#include "recorder/secrets/secret.h"

#include "recorder/lib/str.h"
#include "shared/value_shape.h"
#include "shared/key_prefix.h"

void secret_fingerprint(struct secret s, const uint8_t key[16],
			struct fingerprint *ret)
{
	fingerprint_value(s.bytes, key, ret);
}

/* True unless the eight bytes might lie across the end of a page. */
static bool is_word_readable(const char *s)
{
	return ((uintptr_t)s & 4095) <= 4096 - sizeof(uint64_t);
}

static bool has_zero_byte(uint64_t word)
{
	return (word - UINT64_C(0x0101010101010101)) & ~word &
	       UINT64_C(0x8080808080808080);
}

HOT uint64_t secret_tag(struct secret s, uint64_t seed)
{
	const char *c = s.bytes;
	uint64_t hash = seed, word, tail = 0;
	int shift = 0;

	for (; is_word_readable(c); c += sizeof word) {
		__builtin_memcpy(&word, c, sizeof word);
		if (has_zero_byte(word))
			break;
		hash = hash_word(hash, word);
	}
	for (; *c; c++) {
		tail |= (uint64_t)(unsigned char)*c << shift;
		shift += 8;
		if (shift == 64) {
			hash = hash_word(hash, tail);
			tail = 0, shift = 0;
		}
	}
	return hash_word(hash, tail + (uint64_t)shift);
}

bool secret_is_key_shaped(struct secret s)
{
	return is_key(s.bytes);
}

bool secret_is_path(struct secret s)
{
	return s.bytes[0] == '/';
}

static bool is_cutting(char c)
{
	return c == '#' || c == '$' || c == ' ' || c == '\t' || c == '\n';
}

static bool is_comment(const char *s)
{
	return (*s == ' ' || *s == '\t') && s[1] == '#';
}

/* A key, known by its prefix, goes on behind the cut; what follows is no second
 * key of a list. */
static bool is_inside_key(const char *part, char next)
{
	return provider_of(part) &&
	       ((next >= '0' && next <= '9') || (next >= 'a' && next <= 'z') ||
		(next >= 'A' && next <= 'Z') || next == '-' || next == '_');
}

bool secret_is_cut(struct secret part, struct secret whole)
{
	size_t n = str_length(part.bytes);
	const char *rest;

	if (!n || n >= str_length(whole.bytes) ||
	    !bytes_equal(part.bytes, whole.bytes, n))
		return false;
	rest = whole.bytes + n;
	return is_inside_key(part.bytes, *rest) ||
	       (is_cutting(*rest) && !is_comment(rest));
}

bool secret_touches(struct secret s, const char *text, size_t n, size_t from,
		    size_t to)
{
	size_t begin = 0, end = str_length(s.bytes), length;

	value_strip(s.bytes, &begin, &end);
	length = end - begin;
	if (length < 4)
		return false;
	for (size_t i = from < length ? 0 : from - length + 1;
	     i < to && i + length <= n; i++)
		if (bytes_equal(text + i, s.bytes + begin, length))
			return !value_is_literal(s.bytes + begin, length);
	return false;
}

bool secret_beginning(struct secret s, uint32_t *ret)
{
	size_t begin = 0, end = str_length(s.bytes);

	value_strip(s.bytes, &begin, &end);
	if (end - begin < sizeof *ret)
		return false;
	__builtin_memcpy(ret, s.bytes + begin, sizeof *ret);
	return true;
}

bool secret_is_in(struct secret s, const char *text, size_t n)
{
	return secret_touches(s, text, n, 0, n);
}
