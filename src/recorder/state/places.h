/* Numbers of places in the program's source, from 1 in each image: the callers
 * of a place are recorded once. */
#ifndef RECORDER_PLACES_H
#define RECORDER_PLACES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { PLACES = 256 };

/* Lock-free, shared by threads, wiped by fork. */
struct places {
	_Atomic uint64_t tag[PLACES]; /* in order of their numbers; 0: free */
};

/* The number of the place with this hash, new or known; 0: too many places. */
uint32_t places_number(struct places *, uint64_t hash, bool *ret_is_new);

#endif
