/* A reader and the programs above it, the nearest first:
 *
 *	struct ancestor a = ancestor_itself(reader, until);
 *	for (; a.image; a = ancestor_above(a)) */
#ifndef EVIDENCE_ANCESTORS_H
#define EVIDENCE_ANCESTORS_H

#include "model/model.h"

struct ancestor {
	const struct image *image; /* null: there is none further up */
	uint64_t until; /* acts of `image` up to this time may reach the reader:
			   the time of the read, or when `image` started what
			   leads to the reader */
	size_t climbs;	/* how many more are visited */
};

/* The reader itself, which read at `until`. */
static inline struct ancestor ancestor_itself(const struct image *reader,
					      uint64_t until)
{
	enum { MOST_CLIMBS = 64 };

	return (struct ancestor){reader, until, MOST_CLIMBS};
}

static inline struct ancestor ancestor_above(struct ancestor a)
{
	const struct image *above = a.climbs ? a.image->parent : NULL;

	return (struct ancestor){above, model_hop_time(a.image), a.climbs - 1};
}

#endif
