/* Bloom filters in front of the tables of credential_name.c and key_prefix.c:
 * one look excludes most names and values. scripts/registry makes the filters
 * when the library is built. Filled at the start of each program, the filters
 * cost 5,000 instructions, and a read of every row of the tables. */
#ifndef SHARED_CREDENTIAL_BLOOM_H
#define SHARED_CREDENTIAL_BLOOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BLOOM_WORDS = 64, CREDENTIAL_ENDING = 4 };

/* The last CREDENTIAL_ENDING bytes, each without CASE_BITS, of all full names
 * and suffixes. Of a suffix also with - for _, and without any _, as in a name
 * whose words begin with capitals. */
extern const uint64_t credential_endings[BLOOM_WORDS];

/* One bit tells capitals from small letters, and _ has the bit of a capital. */
static const uint32_t CASE_BITS = 0x20202020;

/* The first three bytes of all brands. */
extern const uint64_t credential_beginnings[BLOOM_WORDS];

/* The first three bytes of all prefixes of keys. */
extern const uint64_t key_beginnings[BLOOM_WORDS];

/* `bytes` are three or four bytes of a text, little endian. Both bits lie in
 * one word, for a busy program has other words in no cache. Three of a thousand
 * unrelated names pass. scripts/registry has the same hash. */
static inline bool bloom_has(const uint64_t bloom[BLOOM_WORDS], uint32_t bytes)
{
	uint32_t hash = bytes * 2654435761u;
	uint64_t bits = UINT64_C(1) << (hash >> 20) % 64 |
			UINT64_C(1) << (hash >> 14) % 64;

	return (bloom[hash >> 26] & bits) == bits;
}

#endif
