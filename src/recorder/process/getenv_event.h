/* A read of a variable, by whatever function. The first read is recorded, and
 * equal reads are counted. */
#ifndef RECORDER_GETENV_EVENT_H
#define RECORDER_GETENV_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/process/source_pos.h"

struct getenv_event {
	const char *fn, *name, *value; /* value NULL: missing */
	size_t length;		       /* of the name */
	const void *caller;	       /* or NULL, with a place */
	struct source_pos *place;      /* or NULL */
	function_finder
		*find_function;	      /* of `place`, when not known; or NULL */
	callers_finder *find_callers; /* of `place`; or NULL */
	const struct fingerprint *print; /* in place of value */
	const char *image_id;		 /* image id, or NULL: this process */
	bool is_of_copy; /* of the language's own copy of environ */
};

/* The same for equal looks, and for no others of this image. */
uint64_t getenv_event_tag(const struct getenv_event *);

void record_getenv(const struct getenv_event *);

#endif
