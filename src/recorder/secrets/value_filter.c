#include "recorder/secrets/value_filter.h"

/* The bits of values that begin with these four bytes: a bit for the first
 * byte, and a bit for all four. Most bytes of a text fail the first test. */
static _Atomic uint64_t *first_of(struct value_filter *f, uint32_t beginning,
				  uint64_t *bit)
{
	unsigned char c = (unsigned char)beginning; /* little endian */

	*bit = UINT64_C(1) << c % 64;
	return &f->first[c / 64];
}

static _Atomic uint64_t *all_of(struct value_filter *f, uint32_t beginning,
				uint64_t *bit)
{
	uint32_t hash = beginning * 2654435761u;

	*bit = UINT64_C(1) << (hash >> 20) % 64;
	return &f->begin[hash >> 26];
}

static void set(_Atomic uint64_t *word, uint64_t bit)
{
	if (!(atomic_load_explicit(word, memory_order_relaxed) & bit))
		atomic_fetch_or(word, bit);
}

static bool is_set(_Atomic uint64_t *word, uint64_t bit)
{
	return atomic_load_explicit(word, memory_order_relaxed) & bit;
}

void value_filter_add(struct value_filter *f, struct secret s)
{
	uint32_t beginning;
	_Atomic uint64_t *word;
	uint64_t bit;

	if (!secret_beginning(s, &beginning))
		return;
	word = all_of(f, beginning, &bit);
	set(word, bit);
	word = first_of(f, beginning, &bit);
	set(word, bit);
}

bool value_filter_may_hold(struct value_filter *f, const char *text, size_t n)
{
	uint32_t beginning;
	_Atomic uint64_t *word;
	uint64_t bit;

	for (size_t i = 0; i + sizeof beginning <= n; i++) {
		word = first_of(f, (unsigned char)text[i], &bit);
		if (!is_set(word, bit))
			continue;
		__builtin_memcpy(&beginning, text + i, sizeof beginning);
		word = all_of(f, beginning, &bit);
		if (is_set(word, bit))
			return true;
	}
	return false;
}
