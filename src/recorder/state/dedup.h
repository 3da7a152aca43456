/* How often an event was met: equal ones are counted, not repeated.
 *
 * Lock-free, shared by threads, wiped by fork. What a process does first has a
 * place for good, in two pages. Later events share a larger table that ages: a
 * new one takes the place of one that was not met for long. An event that was
 * forgotten is new when it is met again. */
#ifndef RECORDER_DEDUP_H
#define RECORDER_DEDUP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "keytrail/trace.h"

enum { DEDUP_PLACES = 512, DEDUP_LATER = 8192 };

struct dedup_place {
	_Atomic uint64_t tag; /* 0: free */
	_Atomic uint64_t count;
};

struct dedup {
	struct dedup_place place[DEDUP_PLACES];
	struct dedup_place later[DEDUP_LATER]; /* count: see dedup.c */
	_Atomic uint32_t turn;
};

/* How often `tag` was met, this time included. */
uint64_t dedup_add(struct dedup *, uint64_t tag);

/* How often `tag` was met; 0: never, or it was forgotten. */
uint64_t dedup_count(struct dedup *, uint64_t tag);

/* The first `always` times are told, and then those at powers of two. */
bool dedup_is_told(uint64_t count, uint64_t always);

/* dedup_add, where this time is told; otherwise 0. A read that is
 * not told says what an earlier one said; a change that is not told leaves a
 * wrong picture of what is there. */
enum { DEDUP_READS = 1, DEDUP_CHANGES = KT_CHANGES_TOLD };
uint64_t dedup_count_if_due(struct dedup *, uint64_t tag, uint64_t always);

#endif
