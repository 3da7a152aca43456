/* The stack of a request, as V8 writes stacks: also of `await`. */
#ifndef RECORDER_NODE_HTTP_STACK_H
#define RECORDER_NODE_HTTP_STACK_H

#include "recorder/process/source_pos.h"

/* The first frame outside Node and the adapter, and the callers. Changes the
 * text. */
void node_http_stack(char *text, struct source_pos *ret,
		     struct callers *ret_callers);

#endif
