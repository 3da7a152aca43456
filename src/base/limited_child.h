/* Work that may be too much for this machine, or break on its input: done in a
 * child, which has limits and cannot take us along. */
#ifndef BASE_LIMITED_CHILD_H
#define BASE_LIMITED_CHILD_H

#include "base/out.h"

/* Called in such a child. The child ends with its parent, leaves no core, takes
 * no more than `memory` bytes, and is the first to be killed when memory is
 * short. */
void limit_process(uint64_t memory);

enum limited_end {
	LIMITED_DONE,
	LIMITED_BROKEN,	 /* too much time or memory, or a crash */
	LIMITED_STOPPED, /* we are asked to end: Ctrl-C, SIGTERM, ... */
};

struct work {
	struct arena *arena;
	const struct out *shape; /* width, UTF-8 and colour of the text */
	void (*write)(struct out *, const void *told);
	const void *told;
};

/* The text of the work: at most 64 KiB, within 5 seconds and 1 GiB. For callers
 * with all signals blocked and the default action of SIGCHLD. */
enum limited_end limited_child_text(const struct work *, struct str *ret);

/* False when such a caller is asked to end before `fd` takes a byte. */
bool wait_until_writable(int fd);

#endif
