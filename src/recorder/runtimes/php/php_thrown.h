/* The exceptions that a PHP program threw lately, in the order of their throws.
 * Whether one is caught turns out later, when its frames are gone. */
#ifndef RECORDER_PHP_THROWN_H
#define RECORDER_PHP_THROWN_H

#include <stdbool.h>

#include "recorder/process/callers.h"
#include "recorder/process/source_pos.h"
#include "recorder/runtimes/php/php_frames.h"

enum { PHP_CLASS_BYTES = 128 };

struct php_object;

struct php_thrown {
	const struct php_object *object; /* for comparison only */
	const struct php_string
		*file; /* every exception has a text of its own */
	uint64_t line;
	char class[PHP_CLASS_BYTES];
	struct source_pos place; /* where it was made */
	struct callers callers;
	bool is_by_c; /* thrown by a function written in C */
};

/* Notes an exception. `frame`: the innermost of the program, or NULL. */
void php_throws_note(const struct php_object *, const struct php_frame *frame,
		     bool is_by_c);

/* The exception with this text as its file; NULL: none that is known. */
const struct php_thrown *php_thrown_with(const struct php_string *file);

/* The exception for which the program's own handler runs, in this frame or
 * further out. NULL: none. */
const struct php_thrown *php_thrown_in_handler(const struct php_frame *);

#endif
