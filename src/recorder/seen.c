#include "recorder/seen.h"

#include <stddef.h>

enum { PROBES = 8 };

static uint64_t if_told(uint64_t count, uint64_t always)
{
	return count > always && count & (count - 1) ? 0 : count;
}

uint64_t seen_again(struct seen *seen, uint64_t tag, uint64_t always)
{
	size_t at = (size_t)(tag ^ tag >> 32);
	uint64_t count;

	tag |= 1; /* 0 marks a free place */
	for (size_t i = 0; i < PROBES; i++, at++) {
		_Atomic uint64_t *place = &seen->place[at % SEEN_PLACES].tag;
		uint64_t there = atomic_load_explicit(place,
						      memory_order_relaxed);

		if (!there && atomic_compare_exchange_strong(place, &there, tag))
			there = tag;
		if (there == tag)
			return if_told(
				1 + atomic_fetch_add_explicit(
					    &seen->place[at % SEEN_PLACES].count,
					    1, memory_order_relaxed),
				always);
	}
	count = 1 + atomic_fetch_add(&seen->homeless, 1);
	if (if_told(count, SEEN_HOMELESS))
		return 1;
	atomic_fetch_add(&seen->untold, 1);
	return 0;
}
