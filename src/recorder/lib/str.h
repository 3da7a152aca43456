/* The few words on bytes and text that a library without libc needs. */
#ifndef RECORDER_STR_H
#define RECORDER_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The headers of libc promise that certain arguments are not NULL; programs do
 * not keep that. The compiler must not believe the headers. */
static inline const void *maybe_null(const void *argument)
{
	__asm__("" : "+r"(argument));
	return argument;
}

/* On the way of a read that was met before. Such functions lie together: a busy
 * program has our other pages in no cache. */
#define HOT __attribute__((hot))

/* Of a path that the recorder keeps. */
enum { PATH_BYTES = 1024 };

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof(array)[0])

static inline bool bytes_equal(const char *a, const char *b, size_t n)
{
	while (n && *a == *b)
		a++, b++, n--;
	return !n;
}

/* Eight bytes at a time: getenv asks it of every name. Aligned words never
 * reach into a page that the text does not. */
__attribute__((no_sanitize("address", "undefined"))) static inline size_t
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

static inline bool str_equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static inline bool str_begins(const char *s, const char *with)
{
	while (*with && *s == *with)
		s++, with++;
	return !*with;
}

static inline const char *str_find_char(const char *s, char c)
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

/* A fast hash, to tell equal acts of one process: never written anywhere. */
static inline uint64_t hash_word(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29; /* not 32, which tables fold by */
}

static inline uint64_t hash_bytes(uint64_t hash, const char *s, size_t n)
{
	uint64_t word;

	for (; n >= sizeof word; s += sizeof word, n -= sizeof word) {
		__builtin_memcpy(&word, s, sizeof word);
		hash = hash_word(hash, word);
	}
	word = n;
	while (n--)
		word = word << 8 | (unsigned char)s[n];
	return hash_word(hash_word(hash, word), 0); /* short names spread too */
}

/* Does s[0..n) hold `word` (lower case), whatever the case of s? */
bool str_mentions(const char *s, size_t n, const char *word);

/* Appends src to dst, never past dst[size - 1]; false when it was cut. */
bool str_append(char *dst, size_t size, const char *src);

/* Writes n in decimal, terminated; returns the length. `to` has 21 bytes. */
size_t str_decimal(char *to, uint64_t n);
void str_hex(char *to, const uint8_t *from, size_t n);
bool str_unhex(uint8_t *to, size_t n, const char *from);

#endif
