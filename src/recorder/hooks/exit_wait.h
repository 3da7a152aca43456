/* The end of a process image without a call of exit. */
#ifndef RECORDER_EXIT_WAIT_H
#define RECORDER_EXIT_WAIT_H

/* From the constructor: a return from main is recorded, where libc allows.
 * Takes one of the 32 places that glibc keeps for handlers, and no memory. */
void exit_watch_return(void);

#endif
