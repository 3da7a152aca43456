#include "recorder/runtimes/node/node_end_state.h"

#include "recorder/lib/syscall.h"

__thread struct node_ends *node_ends;
__thread void *node_ends_isolate;

void node_ends_forget(void)
{
	struct node_ends *e = node_ends;

	node_ends = NULL;
	if (e)
		SYS(munmap, e, sizeof *e);
}
