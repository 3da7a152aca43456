/* The only way from a command line into the trace. A part that overlaps a known
 * secret becomes stars. */
#ifndef RECORDER_REDACT_OUTPUT_H
#define RECORDER_REDACT_OUTPUT_H

#include "recorder/secrets/secret.h"
#include "recorder/trace/event_line.h"

enum { KNOWN_VALUES = 64, REDACT_ARG_BYTES = 200 };

/* State of the redaction of one list of arguments. */
struct reading {
	struct event_line *line;
	struct secret known[KNOWN_VALUES]; /* values of watched variables */
	size_t known_count;
	const char *argument; /* the whole argument being shown */
	size_t length;
	bool holds_known; /* a known value stands in the argument */
	bool is_script;	  /* the argument is a line for a shell */
	uint8_t depth;	  /* of scripts in scripts */

	/* Shows a shell's line. A pointer, since a script consists of texts,
	 * and a text may hold a script: $(command). */
	void (*put_script)(struct reading *, const char *s, size_t n);
};

/* An empty reading. `put_script` is to be set by the caller. */
void reading_begin(struct reading *, struct event_line *);

/* The values of watched variables in envp are never shown. */
void reading_learn(struct reading *, char *const *envp);

/* All further pieces are parts of this argument. */
void reading_open(struct reading *, const char *argument, size_t n);

/* Shows a text, or stars when the text overlaps a known value. Every byte shown
 * passes through here. */
void show(struct reading *, const char *s, size_t n);

void put_stars(struct reading *);

#endif
