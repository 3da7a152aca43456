/* The environment that a language keeps beside libc's `environ`: a copy of the
 * start (os.environ). Each may change without the other. */
#ifndef RECORDER_LANGUAGE_COPY_H
#define RECORDER_LANGUAGE_COPY_H

#include "recorder/process/source_pos.h"

/* From now on, or no longer. */
void language_copy_begin(void);
void language_copy_end(void);

/* Puts "environment", where the process has two. */
void language_copy_put(struct event_line *, enum kt_environment touched);

/* Between both calls a change by libc changes the copy, too. */
void language_copy_change_begin(void);
void language_copy_change_end(void);

/* The environment touched by a change that libc is making. */
enum kt_environment language_copy_changed(void);

/* Steps through the copy. False at the end. The texts are valid until the next
 * step; a NULL is passed over. */
typedef bool copy_step(void *copy, const char **ret_name, struct secret *);
struct language_copy {
	const char *fn; /* "os.environ" */
	copy_step *next;
	void (*rewind)(void *copy);
	void *copy;
	bool is_replaced; /* by another object of the program */
	bool is_partial;  /* never meant to have all of environ */
};

/* Records `differ` when the copy has other watched variables than environ, and
 * when that changed. */
void record_differ(struct language_copy *, const struct source_pos *,
		   const struct callers *);

/* The same between recorder_enter() and recorder_leave(). */
void record_differ_inside(struct language_copy *, const struct source_pos *,
			  const struct callers *);

#endif
