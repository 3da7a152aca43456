/* Work that may be too much for this machine, or break on what it reads: done
 * in a child, which has limits and cannot take us with it. */
#ifndef BASE_BOUNDED_H
#define BASE_BOUNDED_H

#include "base/out.h"

/* In such a child: it ends when its parent does, leaves no core, takes no more
 * than `memory` bytes, and is the first to go when the machine has none. */
void bound_process(uint64_t memory);

enum bounded {
	BOUNDED_DONE,
	BOUNDED_BROKEN,	 /* it took too much time or memory, or died */
	BOUNDED_STOPPED, /* somebody wants us to end: Ctrl-C, SIGTERM, ... */
};

struct work {
	struct arena *arena;
	const struct out *shape; /* the text is drawn as for this one */
	void (*write)(struct out *, const void *told);
	const void *told;
};

/* What the work writes: at most 64 KiB, within 5 seconds and 1 GiB. For callers
 * that block all signals and leave SIGCHLD to the system. */
enum bounded bounded_text(const struct work *, struct str *ret);

/* False when somebody wants such a caller to end before `fd` takes anything. */
bool wait_until_writable(int fd);

#endif
