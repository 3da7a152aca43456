/* A text as an array of lines, for positions of source maps: columns count
 * UTF-16 units. */
#ifndef SYMBOLS_TEXT_LINES_H
#define SYMBOLS_TEXT_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct text_lines {
	struct str *at; /* without their ends */
	size_t n;
};

struct text_lines lines_of(struct arena *, struct str text);

/* Do both texts begin with the same `n` lines? */
bool have_same_lines(const struct text_lines *, const struct text_lines *,
		     size_t n);

/* A position in a text. */
struct text_spot {
	struct str line;
	size_t at;	     /* the byte in the line */
	bool is_beyond;	     /* the text has no such line or column */
	bool is_inside_word; /* letters or digits stand on both sides */
};

/* `line` and `column` count from 0. */
struct text_spot spot_at(const struct text_lines *, uint32_t line,
			 uint32_t column);

/* The word that begins at the spot, or behind blanks and one quote or bracket.
 * len 0: none does. */
struct str word_at(const struct text_spot *);

#endif
