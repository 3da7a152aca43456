/* Which events were told already: equal ones are counted, not repeated.
 *
 * Lock-free, shared by threads, wiped by fork. What finds no place is told as
 * if it were new; only after SEEN_HOMELESS of those ever more rarely, lest a
 * loop over many names fills the trace. */
#ifndef RECORDER_SEEN_H
#define RECORDER_SEEN_H

#include <stdatomic.h>
#include <stdint.h>

enum { SEEN_PLACES = 512, SEEN_HOMELESS = 4096 };

struct seen {
	struct {
		_Atomic uint64_t tag;
		_Atomic uint64_t count;
	} place[SEEN_PLACES];
	_Atomic uint64_t homeless, untold;
};

/* How often `tag` was met, this time included, if it should be told now: at
 * 1, 2, 4, 8...; otherwise 0. */
uint64_t seen_again(struct seen *, uint64_t tag);

#endif
