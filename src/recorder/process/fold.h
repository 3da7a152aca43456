/* Folding: events that differ only in a value, or only in a name, are counted.
 *
 * The first such events are recorded whole, and later the events at powers of
 * two. All others are folded: a `fold` line in the segment counts the events,
 * and slots behind the line hold the last few events. Each slot is overwritten
 * again and again. So a process killed after setting 400,000 values has left
 * the number of values and the last values, in a few KiB.
 *
 * When the segment is full, all events are folded, except events of a lane with
 * space left. */
#ifndef RECORDER_FOLD_H
#define RECORDER_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/trace/event_line.h"
#include "recorder/process/source_pos.h"
#include "recorder/state/folds.h"

/* The properties shared by events of one fold. */
struct alike {
	enum kt_event of;
	bool is_miss; /* a read of a missing variable */
	enum lane lane;
	const char *name;
	size_t length;
	const void *caller;		/* or NULL */
	const struct source_pos *place; /* or NULL */
	const char *image_id;		/* as in struct event_line */
};

/* Decides how to record an event met `count` times. NULL: whole. Otherwise the
 * event was counted, and the result is the fold for fold_end. The line, not
 * begun yet, is used as working space. */
struct fold *fold_of(const struct alike *, uint64_t count, struct event_line *);

/* Instead of event_end: among the last of `fold`; NULL: whole. */
void fold_end(struct fold *, struct event_line *);

#endif
