/* The event "raise": an error of the program's language that nobody caught, or
 * that was being handled when the program called exit. Type and place only,
 * never a message: only whether a message speaks of a credential, and which
 * variables it calls missing. */
#ifndef RECORDER_RAISE_EVENT_H
#define RECORDER_RAISE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/process/callers.h"
#include "recorder/process/missing_names.h"
#include "recorder/process/source_pos.h"

enum { RAISER = 48 };

/* A class of errors. `module` may be NULL: of the language. */
struct error_name {
	const char *module, *type;
};

struct raise_event {
	const char *fn;		   /* the function called, or NULL */
	const char *module, *type; /* as in struct error_name */
	struct error_name cause;   /* of the error that led to this error; type
				      NULL: none */
	bool is_context; /* the cause is the error that was being handled */
	const struct source_pos *place; /* where raised, or NULL; line 0: not
					   known */
	const struct callers *callers;	/* of `place`, or NULL */
	const void *caller;		/* in native code, or NULL */
	const uintptr_t *frames;	/* the same with its callers, or NULL */
	size_t frame_count;
	const char
		*by; /* raised it for `place`: a file of the runtime, or
			"operation"; empty or NULL: a statement, or not known */
	bool is_about_credential; /* the message speaks of a credential */
	const struct missing_names *missing; /* by the message, or NULL */
	bool is_handled; /* the program called exit in a handler */
	bool is_once;	 /* equal ones are the same one, met again */
};

/* Recorded at once, since a crash may follow. Equal ones are counted. */
void record_raise(const struct raise_event *);

#endif
