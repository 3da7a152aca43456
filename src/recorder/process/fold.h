/* Events that differ in nothing but a value, or in nothing but a name.
 *
 * The first of them are told whole, then those at powers of two. The others are
 * folded: a `fold` line in the segment counts them, and behind it the last few
 * stand, each in a slot that is written over and over. So a process that sets
 * 400,000 values, and is then killed, has told how many and which came last, in
 * a few KiB.
 *
 * When there is no room, all events are folded, but for those whose lane has
 * some left. */
#ifndef RECORDER_FOLD_H
#define RECORDER_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/trace/event_line.h"
#include "recorder/process/source_pos.h"
#include "recorder/state/folds.h"

/* What an event has in common with others. */
struct alike {
	enum kt_event of;
	bool is_miss; /* a read that found nothing */
	enum lane lane;
	const char *name;
	size_t length;
	const void *caller;		/* or NULL */
	const struct source_pos *place; /* or NULL */
	const char *image_id;		/* as in struct event_line */
};

/* Is this event, met `count` times, to be told whole? NULL: yes. Otherwise it
 * is counted. The line, not begun yet, is space to work in. */
struct fold *fold_of(const struct alike *, uint64_t count, struct event_line *);

/* Instead of event_end: among the last of `fold`; NULL: whole. */
void fold_end(struct fold *, struct event_line *);

#endif
