/* What a program does again and again, for adapters whose every look costs the
 * program some microseconds: of a read that was met often, one in many is
 * looked at. Shared by threads without a lock; who comes at the same moment may
 * be looked at once more, or once less. */
#ifndef RECORDER_SAMPLING_H
#define RECORDER_SAMPLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Once. False: no memory. */
bool sampling_start(void);

/* An act of some kind, by somebody, on this variable, that found `value` (NULL:
 * not there). True for the first SAMPLING_ALWAYS times, and for one in
 * SAMPLING_SAMPLE after. */
enum { SAMPLING_ALWAYS = 64, SAMPLING_SAMPLE = 8192 };
bool sampling_is_due(uint64_t act, const char *name, size_t length,
		     const char *value);

#endif
