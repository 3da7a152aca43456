/* Which events were told already: equal ones are counted, not repeated.
 *
 * Lock-free, shared by threads, wiped by fork. What finds no place is told as
 * if it were new; only after SEEN_HOMELESS of those ever more rarely, lest a
 * loop over many names fills the trace. */
#ifndef RECORDER_SEEN_H
#define RECORDER_SEEN_H

#include <stdatomic.h>
#include <stdint.h>

#include "keytrail/trace.h"

enum { SEEN_PLACES = 512, SEEN_HOMELESS = 4096 };

struct seen {
	struct {
		_Atomic uint64_t tag;
		_Atomic uint64_t count;
	} place[SEEN_PLACES];
	_Atomic uint64_t homeless, untold;
};

/* How often `tag` was met, this time included, if it should be told now: the
 * first `always` times, and then at powers of two; otherwise 0. A read that is
 * not told says what an earlier one said; a change that is not told leaves a
 * wrong picture of what is there. */
enum { SEEN_READS = 1, SEEN_CHANGES = KT_CHANGES_TOLD };
uint64_t seen_again(struct seen *, uint64_t tag, uint64_t always);

#endif
