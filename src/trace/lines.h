/* The lines of an untrusted file: holes are passed over, blank space is never
 * kept, and the file may be of any size, or change during the reading. */
#ifndef TRACE_LINES_H
#define TRACE_LINES_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"

struct lines { /* none is blank */
	struct str *at;
	size_t n, room;

	bool is_open; /* the last line of the file last read has no newline */

	char *piece; /* lines_read's own, for the next file too */
	char *begun; /* of a line continued in the next piece */
	size_t n_begun, room_begun;
};

/* The bytes still permitted; each call of lines_read takes its share. */
struct allowance {
	uint64_t bytes; /* of files, less their holes */
	uint64_t text;	/* of lines */
	uint64_t lines;
	size_t longest; /* a longer line is as good as broken */
};
#define ALLOW_ALL                                                              \
	((struct allowance){UINT64_MAX, UINT64_MAX, UINT64_MAX, SIZE_MAX})

enum lines_end { LINES_ALL, LINES_FAILED /* see errno */, LINES_TOO_MANY };

/* Appends the lines of `fd` to *ret, from the present offset to the present
 * size; of a stream, to the end. Lines of excessive length are counted in
 * *ret_long. */
enum lines_end lines_read(struct arena *, int fd, struct allowance *,
			  struct lines *ret, uint64_t *ret_long);

#endif
