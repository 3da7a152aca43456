#include "recorder/state/places.h"

uint32_t places_number(struct places *places, uint64_t hash, bool *ret_is_new)
{
	uint64_t tag = hash | 1;

	*ret_is_new = false;
	for (uint32_t i = 0; i < PLACES; i++) {
		uint64_t there = atomic_load_explicit(&places->tag[i],
						      memory_order_relaxed);

		if (!there && atomic_compare_exchange_strong(&places->tag[i],
							     &there, tag))
			*ret_is_new = true;
		if (*ret_is_new || there == tag)
			return i + 1;
	}
	*ret_is_new = true;
	return 0;
}
