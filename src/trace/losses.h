/* Events of a trace that are known to be missing. */
#ifndef TRACE_LOSSES_H
#define TRACE_LOSSES_H

#include "base/arena.h"
#include "trace/trace.h"

/* A loss is counted twice: in the counters shared by all writers, and in the
 * writer's `lost` events. The larger number counts. */
struct loss {
	uint64_t counted, told;
	struct loss *next;
	unsigned owner;
};

/* a + b, or UINT64_MAX where the sum is larger. */
static inline uint64_t add_to_limit(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* The loss of an owner in `list`, made at first sight. */
struct loss *loss_of(struct arena *, struct loss **list, unsigned owner);

/* Adds the losses of one source to the trace. */
void losses_count(struct trace *, const struct loss *list);

#endif
