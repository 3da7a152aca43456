/* The callers of a place, in the program's own language: the field "callers".
 * An adapter walks its frames outward from the place and adds each; this file
 * chooses: the outermost frame of the first four libraries on the way, and
 * the first three of the program. Frames of the language's own library are
 * passed over. */
#ifndef RECORDER_CALLERS_H
#define RECORDER_CALLERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/trace/event_line.h"
#include "shared/source_owner.h"

enum {
	CALLERS_FRAMES = 64, /* how far out an adapter walks */
	CALLERS_BYTES = 704,
	CALLERS_COLUMNS = 12,
};

struct callers {
	uint16_t length; /* of `text`; 0: no callers */
	uint8_t count;
	uint8_t own; /* how many of these are the program's */
	uint32_t column[CALLERS_COLUMNS]; /* of the first; 0: not told */
	char text[CALLERS_BYTES]; /* FILE \0 LINE \0 FUNCTION \0, repeated */
};

/* A frame of the language. The texts belong to the runtime, and stay valid
 * while the adapter walks. */
struct caller_frame {
	const char *file, *function; /* `function` may be NULL */
	uint64_t line;
};

/* Appends a frame. False: no room. */
bool callers_append(struct callers *, const struct caller_frame *);

/* The column of the frame appended last: for a source map, which the analyzer
 * reads. */
void callers_set_column(struct callers *, uint64_t column);

/* The next frame, behind `at` (NULL: the first), and where to go on; NULL after
 * the last. */
const char *callers_next(const struct callers *, const char *at,
			 struct caller_frame *ret);

/* The choice. Begin with zeroes, but for `to`. */
struct caller_choice {
	struct callers *to;
	uint8_t libraries; /* frames told */
	bool is_bundled;   /* any frame may turn out to be a library's */
	bool is_full;
	struct caller_frame library; /* the outermost yet of its package */
	const char *package;
	size_t package_length;
	const char *last_file; /* classified last, as `last` */
	struct source_owner last;
	bool is_site; /* `library` is the place itself, which is no caller */
};

/* `site_file`: the file of the place itself, whose callers follow. */
void callers_begin(struct caller_choice *, struct callers *to,
		   const char *site_file);

/* Adds the next frame outward. False: more frames make no difference. */
bool callers_add(struct caller_choice *, const struct caller_frame *);

/* After the last frame. */
void callers_end(struct caller_choice *);

/* The array "callers", and "caller_columns" where any is told. */
void callers_put(struct event_line *, const struct callers *);

#endif
