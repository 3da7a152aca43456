#include "recorder/value_filter.h"

#include "recorder/recorder.h"

static _Atomic uint64_t *word_of(uint32_t beginning, uint64_t *bit)
{
	uint32_t hash = beginning * 2654435761u;

	*bit = UINT64_C(1) << (hash >> 20) % 64;
	return &guest->value_filter.begin[hash >> 26];
}

void value_filter_add(struct secret s)
{
	uint32_t beginning;
	_Atomic uint64_t *word;
	uint64_t bit;

	if (!secret_beginning(s, &beginning))
		return;
	word = word_of(beginning, &bit);
	if (!(atomic_load_explicit(word, memory_order_relaxed) & bit))
		atomic_fetch_or(word, bit);
}

bool value_filter_may_hold(const char *text, size_t n)
{
	uint32_t beginning;
	uint64_t bit;

	for (size_t i = 0; i + sizeof beginning <= n; i++) {
		__builtin_memcpy(&beginning, text + i, sizeof beginning);
		if (atomic_load_explicit(word_of(beginning, &bit),
					 memory_order_relaxed) &
		    bit)
			return true;
	}
	return false;
}
