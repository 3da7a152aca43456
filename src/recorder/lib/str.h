/* Functions on bytes and text, in place of libc. */
#ifndef RECORDER_STR_H
#define RECORDER_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/text.h"

/* The headers of libc promise arguments other than NULL, but programs pass
 * NULL. The asm keeps the compiler from believing the headers. */
static inline const void *maybe_null(const void *argument)
{
	__asm__("" : "+r"(argument));
	return argument;
}

/* longest path kept by the recorder */
enum { PATH_BYTES = 1024 };

/* A fast hash, to find equal events of one process. Never written to a file. */
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

/* Writes n in decimal, terminated; returns the length. `to` has 21 bytes. */
size_t str_decimal(char *to, uint64_t n);

#endif
