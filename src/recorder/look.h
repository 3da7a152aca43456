/* One look at a variable, however the program took it: told once, then
 * counted. */
#ifndef RECORDER_LOOK_H
#define RECORDER_LOOK_H

#include <stddef.h>
#include <stdint.h>

#include "recorder/place.h"

struct look {
	const char *fn, *name, *value; /* value NULL: it was not there */
	size_t length;		       /* of the name */
	const void *caller;	       /* or NULL, with a place */
	const struct place *place;     /* or NULL */
	const struct print *print;     /* of a value that is not at hand */
	const char *speaker;	       /* image id, or NULL: this process */
};

/* The same for equal looks, and for no others of this image. */
uint64_t look_tag(const struct look *);

void look_note(const struct look *);

#endif
