/* Node makes error.stack of an error which nobody caught, to print the text.
 * The frames in the text are the only way to the functions through which the
 * error came. A callback of ours takes the place of Node's, and calls Node's.
 */
#ifndef RECORDER_NODE_ERROR_STACK_H
#define RECORDER_NODE_ERROR_STACK_H

void node_stacks_watch(void *isolate);

#endif
