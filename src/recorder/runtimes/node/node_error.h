/* An error of JavaScript: its class, and where it was made. Of a value that is
 * no object, such as a text that was thrown, the kind alone is told. No getter
 * and no trap of the program runs. */
#ifndef RECORDER_NODE_ERROR_H
#define RECORDER_NODE_ERROR_H

#include <stdbool.h>

#include "recorder/process/raise_event.h"
#include "recorder/runtimes/v8/v8.h"

enum { NODE_CLASS = 96 };

struct node_error {
	uint64_t image;	 /* the image's birth; 0: there is no error */
	uint64_t t;	 /* when it was raised */
	int hash;	 /* V8's identity of the object; 0: no object */
	bool is_shown;	 /* its stack was made for Node to print */
	uint64_t shown;	 /* when its stack was made; 0: not yet */
	char by[RAISER]; /* the file of Node that made it; empty: none did */
	char type[NODE_CLASS];
	bool is_about_credential;     /* its message */
	struct missing_names missing; /* by its message */
	struct source_pos place;
	struct callers callers;
};

/* Once. False when a function of V8 is missing. */
bool node_error_start(void);

/* `message`: v8::Message, or empty. */
void node_error_take(void *isolate, local error, local message,
		     struct node_error *ret);

/* The same for an error without a message. */
void node_error_take_alone(void *isolate, local error, struct node_error *ret);

/* Puts the place in the source in the place of a frame of the error. `error`
 * may be empty: its script has no map. */
void node_error_map(void *isolate, local error, struct source_pos *frame);

/* Is the value this error? */
bool node_error_is(const struct node_error *, local value);

/* V8's identity of an object, not 0. */
int node_hash(local object);
bool node_is_object(local value);

/* 8: an error; 16: a warning. */
int node_message_level(local message);

/* Records the event, once. */
void node_error_record(struct node_error *);

#endif
