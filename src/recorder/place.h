/* Where in the program's own language something is done: an adapter says so
 * just before libc hears of it.
 *
 * Python's os.environ["K"] = v ends in setenv, its subprocess in execve; the
 * adapter of the language notes file and line first, and the hook's event takes
 * them along as "site" and "in". */
#ifndef RECORDER_PLACE_H
#define RECORDER_PLACE_H

#include <stdint.h>

#include "recorder/line.h"

enum { PLACE_FILE = 256, PLACE_FUNCTION = 64 };

struct place {
	uint64_t line, column; /* 0: not known */
	char file[PLACE_FILE], function[PLACE_FUNCTION];
};

void place_set(struct place *, const char *file, uint64_t line,
	       const char *function);

/* The place of this thread, for what it does next. */
struct place *place_here(void);
void place_forget(void);

/* Hashes: of all but the function's name; of file and function. */
uint64_t place_tag(const struct place *);
uint64_t place_function(const struct place *);

/* "site", "column" and "in", as far as they are known. */
void place_put(struct line *, const struct place *);

#endif
