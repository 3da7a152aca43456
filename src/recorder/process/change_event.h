/* A change of a variable, by whatever function: the events "set", "unset" and
 * "clear".
 * source_pos_current() is the place. */
#ifndef RECORDER_CHANGE_EVENT_H
#define RECORDER_CHANGE_EVENT_H

#include <stdbool.h>
#include <stddef.h>

struct change {
	const char *fn, *name;
	size_t length;	    /* of the name */
	const void *caller; /* or NULL, with a place */
	bool had;	    /* the variable was set before */
	bool keeps;	    /* overwrite is 0: an old value stays */
	bool cut;	    /* the new value is a beginning of the old */
};

/* Between recorder_enter() and recorder_leave(). `error`: errno of a failed
 * call, or 0. */
void record_set(const struct change *, const char *value, int error);
void record_unset(const struct change *);

/* All variables are about to go: the event "clear". */
void record_clear(const char *fn, const void *caller);

#endif
