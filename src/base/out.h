/* Where text goes: a buffer in front of a file descriptor, or memory.
 *
 * Writing never fails on the spot: the first error is kept and out_end tells
 * it. What comes out of a trace goes through out_clean, out_wrap or out_json,
 * so that no byte of it is ever a command to somebody's terminal. */
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
	int error; /* errno of the first write that failed, or 0 */

	unsigned width;	 /* columns that a line should not exceed */
	unsigned column; /* where out_clean, out_wrap and out_pad stand */
	bool colour;
	bool utf8; /* may a line be drawn with more than ASCII? */
};

struct out out_to(struct arena *, int fd);
struct out out_to_memory(struct arena *);

/* Bytes as they are: for our own words, and for lines of a trace. */
void out_str(struct out *, struct str);
void out_print(struct out *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A JSON string, quotes and all: valid UTF-8 whatever `s` is. */
void out_json(struct out *, struct str s);

/* One line of JSON as it was recorded. Inside its strings a character that
 * would command a terminal becomes an escape; the line says the same. Outside
 * of them a valid line has none but tabs, which become blanks. */
void out_json_line(struct out *, struct str line);

/* Text for people: what is no character, or would command the terminal, is
 * shown as '?'. */
void out_clean(struct out *, struct str s);

/* The same as out_clean, wrapped at blanks; lines after the first begin with
 * `indent` blanks. A word that is longer than a line is cut. */
void out_wrap(struct out *, unsigned indent, struct str s);

void out_pad(struct out *, unsigned column); /* blanks up to there */
void out_line(struct out *);		     /* ends the line */
void out_style(struct out *, enum style);

/* Everything is written. 0, or the errno of what went wrong. */
int out_end(struct out *);
struct str out_memory(const struct out *);

/* How many columns out_clean will take. */
unsigned out_columns(struct str s);

#endif
