/* What a program does again and again, for adapters whose every look costs the
 * program some microseconds: of a read that was met often, one in many is
 * looked at. Shared by threads without a lock; who comes at the same moment may
 * be looked at once more, or once less. */
#ifndef RECORDER_HABIT_H
#define RECORDER_HABIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Once. False: no memory. */
bool habit_start(void);

/* What was asked, and what came of it: `value_tag` 0 when nothing did. */
uint64_t habit_tag(int act, const char *name, size_t length,
		   uint64_t value_tag);

/* True for the first HABIT_ALWAYS of them, and one in HABIT_SAMPLE after. */
enum { HABIT_ALWAYS = 64, HABIT_SAMPLE = 1024 };
bool habit_is_due(uint64_t tag);

#endif
