/* How often an event was met: equal ones are counted, not repeated.
 *
 * Lock-free, shared by threads, wiped by fork. What a process does first has a
 * place for good, in two pages. Later events share a larger table that ages: a
 * new one takes the place of one that was not met for long. An event that was
 * forgotten is new when it is met again. */
#ifndef RECORDER_SEEN_H
#define RECORDER_SEEN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "keytrail/trace.h"

enum { SEEN_PLACES = 512, SEEN_LATER = 8192 };

struct seen_place {
	_Atomic uint64_t tag; /* 0: free */
	_Atomic uint64_t count;
};

struct seen {
	struct seen_place place[SEEN_PLACES];
	struct seen_place later[SEEN_LATER]; /* count: see seen.c */
	_Atomic uint32_t turn;
};

/* How often `tag` was met, this time included. */
uint64_t seen_add(struct seen *, uint64_t tag);

/* How often `tag` was met; 0: never, or it was forgotten. */
uint64_t seen_count(struct seen *, uint64_t tag);

/* The first `always` times are told, and then those at powers of two. */
bool seen_is_told(uint64_t count, uint64_t always);

/* seen_add, where this time is told; otherwise 0. A read that is
 * not told says what an earlier one said; a change that is not told leaves a
 * wrong picture of what is there. */
enum { SEEN_READS = 1, SEEN_CHANGES = KT_CHANGES_TOLD };
uint64_t seen_again(struct seen *, uint64_t tag, uint64_t always);

#endif
