/* How a segment grows: page by page, with newlines, so that unused room reads
 * as blank lines. The recorder grows a segment when the program makes a system
 * call anyway; `keytrail run` grows segments from outside, for a command that
 * makes no such call. */
#ifndef SHARED_SEGMENT_GROWTH_H
#define SHARED_SEGMENT_GROWTH_H

#include <stdbool.h>
#include <stdint.h>

#include "keytrail/trace.h"

#define SEGMENT_SUFFIX ".jsonl"

/* How much is made at once, and how much is kept ahead of the use. */
enum {
	SEGMENT_STEP_PAGES = 256,   /* 1 MiB, or more when more is expected */
	SEGMENT_STEP_ALONE = 16,    /* where each process has its own file */
	SEGMENT_AHEAD = 256 << 10,  /* bytes, in the recorder */
	SEGMENT_AHEAD_RUN = 1 << 20 /* bytes, in `keytrail run` */
};

/* pwrite(2); a negative result or a short count is a failure. */
typedef long segment_pwrite(long fd, const void *, long n, long offset);

/* Writes newlines over `most` pages from `offset` on, but not over the counters
 * at the beginning of a segment. Returns the number of whole pages written. */
uint64_t segment_write_pages(segment_pwrite *, long fd, uint64_t offset,
			     uint64_t most);

/* Reads the counter `room` as bytes. False when the counter cannot be believed;
 * then *ret is 0. */
bool segment_read_room(uint64_t digits, uint64_t *ret);

uint64_t segment_whole_pages(uint64_t bytes);

/* Bytes to expect until the next look, from the use before and now: as much may
 * be used as since the last look, twice. */
uint64_t segment_expected_use(uint64_t before, uint64_t now);

#endif
