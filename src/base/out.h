/* Output: a buffer in front of a file descriptor, or memory.
 *
 * Writing never fails at once: the first error is kept, and out_end returns the
 * error. Text of a trace goes through out_clean, out_wrap or out_json, so no
 * byte of a trace commands a terminal. */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"

enum style { PLAIN, STRONG, FAINT, RED, GREEN, YELLOW };

struct out {
	struct arena *arena;
	int fd; /* -1: memory */
	char *at;
	size_t used, room;
	int error; /* errno of the first failed write, or 0 */

	unsigned width;	 /* maximal columns of a line */
	unsigned column; /* columns written to this line so far */
	bool colour;
	bool utf8; /* may a line be drawn with more than ASCII? */
};

struct out out_to(struct arena *, int fd);
struct out out_to_memory(struct arena *);

/* Bytes unchanged: for our own words, and for lines of a trace. */
void out_str(struct out *, struct str);
void out_print(struct out *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A JSON string, quotes and all: valid UTF-8 whatever `s` is. */
void out_json(struct out *, struct str s);

/* One line of JSON as recorded. A character in a string which would command a
 * terminal is written as an escape: the JSON value stays the same. A valid line
 * has tabs alone outside of strings, and tabs become blanks. */
void out_json_line(struct out *, struct str line);

/* Text for people. '?' stands for a byte of no character, and for a character
 * which would command the terminal. */
void out_clean(struct out *, struct str s);

/* The same as out_clean, wrapped at blanks. Lines after the first begin with
 * `indent` blanks. A word longer than a line is cut. */
void out_wrap(struct out *, unsigned indent, struct str s);

void out_pad(struct out *, unsigned column); /* blanks up to this column */
void out_line(struct out *);		     /* ends the line */
void out_style(struct out *, enum style);

/* Writes the rest of the buffer. Returns 0, or the errno of the first error. */
int out_end(struct out *);
struct str out_memory(const struct out *);

/* How many columns out_clean will take. */
unsigned out_columns(struct str s);

/* How many bytes of `s` fill so many columns. */
size_t out_bytes(struct str s, unsigned columns);

#endif
