/* Where a value came from. */
#ifndef EVIDENCE_ORIGIN_H
#define EVIDENCE_ORIGIN_H

#include "model/model.h"

struct origin {
	const struct image *image; /* brought the value in */
	const struct image *next; /* the next image on the way to the reader; or
				     the same image */
	const struct event *event; /* set, swap, exec or spawn; null: unseen, or
				      the root was born with the value */
	const struct value *before; /* the value until then, or null */
};

/* The origin of the value found by a reading, or held by its image. */
struct origin find_origin(const struct reading *);

/* The same of a value that the image held at `t`. */
struct origin find_origin_of(const struct image *, struct str name,
			     const struct value *, uint64_t t);

#endif
