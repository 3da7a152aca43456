/* error.stack is being made: of an error that nobody caught, Node makes it to
 * print it. The frames in it are the only way to the functions that the error
 * came through. A callback of ours takes the place of Node's, which it calls.
 */
#ifndef RECORDER_NODE_STACKS_H
#define RECORDER_NODE_STACKS_H

void node_stacks_watch(void *isolate);

#endif
