/* Sampling of repeated accesses, for adapters that need microseconds for each
 * access: of an access that was met often, only a sample is recorded. Threads
 * share the counts without a lock; at simultaneous accesses a count may be off.
 */
#ifndef RECORDER_SAMPLING_H
#define RECORDER_SAMPLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Once. False without memory. */
bool sampling_start(void);

/* `act` names the kind of access and the accessing image; `value` is the value
 * found, NULL: not set. True for the first SAMPLING_ALWAYS times, then for
 * every SAMPLING_SAMPLE-th time. */
enum { SAMPLING_ALWAYS = 64, SAMPLING_SAMPLE = 8192 };
bool sampling_is_due(uint64_t act, const char *name, size_t length,
		     const char *value);

#endif
