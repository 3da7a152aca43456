/* Bytes and text, for code without libc. */
#ifndef SHARED_TEXT_H
#define SHARED_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For functions on the way of a repeated read. The linker puts such functions
 * together, because a busy program has few of the recorder's pages in its
 * cache. */
#define HOT __attribute__((hot))

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof(array)[0])

static inline bool bytes_equal(const char *a, const char *b, size_t n)
{
	while (n && *a == *b)
		a++, b++, n--;
	return !n;
}

/* `inline` without `static`: where the compiler does not inline a call, the
 * call goes to the single copy in text.c, not to a copy of each file. */

/* Eight bytes at a time, because every getenv measures a name. An aligned word
 * never reaches into a page without a byte of the text. */
__attribute__((no_sanitize("address", "undefined"))) inline size_t
str_length(const char *s)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	size_t before = (uintptr_t)s & 7;
	const char *at = s - before;
	uint64_t word, zeros;

	__builtin_memcpy(&word, at, sizeof word);
	word |= (UINT64_C(1) << 8 * before) - 1;
	while (!(zeros = (word - ones) & ~word & ones << 7)) {
		at += sizeof word;
		__builtin_memcpy(&word, at, sizeof word);
	}
	return (size_t)(at - s) + (size_t)__builtin_ctzll(zeros) / 8;
}

inline bool str_equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

inline bool str_begins(const char *s, const char *with)
{
	while (*with && *s == *with)
		s++, with++;
	return !*with;
}

inline const char *str_find_char(const char *s, char c)
{
	while (*s && *s != c)
		s++;
	return *s ? s : NULL;
}

static inline bool str_has_char(const char *s, size_t n, char c)
{
	while (n && *s != c)
		s++, n--;
	return n;
}

static inline const char *base_name(const char *path)
{
	const char *part = path;

	for (; *path; path++)
		if (*path == '/')
			part = path + 1;
	return part;
}

static inline char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

static inline bool is_hex(char c)
{
	return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

/* True when s[0..n) holds `word` (lower case), whatever the case of s. */
bool str_mentions(const char *s, size_t n, const char *word);

/* Appends src to dst, never past dst[size - 1]. False when src was cut. */
bool str_append(char *dst, size_t size, const char *src);

/* Writes n bytes as 2 * n hex digits, not terminated. */
void str_hex(char *to, const uint8_t *from, size_t n);

/* Reads n bytes from 2 * n hex digits. False at the first other character. */
bool str_unhex(uint8_t *to, size_t n, const char *from);

#endif
