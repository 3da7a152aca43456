/* Counts how often an event was met, so that an equal event is counted and not
 * recorded again.
 *
 * Lock-free, shared by threads, wiped by a fork. The first events of a process
 * keep a place for good, in two pages. Later events share a larger table with
 * ageing: a new event takes the place of an event not met for long. A forgotten
 * event counts as new when met again. */
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

/* How often `tag` was met. 0: never, or forgotten. */
uint64_t dedup_count(struct dedup *, uint64_t tag);

/* Is the event to be recorded? The first `always` times are, and later the
 * times at powers of two. */
bool dedup_is_told(uint64_t count, uint64_t always);

/* dedup_add, but 0 when this time is not to be recorded. Reads need recording
 * only once: an equal read adds nothing. Changes need more: a change left out
 * makes the picture of the environment wrong. */
enum { DEDUP_READS = 1, DEDUP_CHANGES = KT_CHANGES_TOLD };
uint64_t dedup_count_if_due(struct dedup *, uint64_t tag, uint64_t always);

#endif
