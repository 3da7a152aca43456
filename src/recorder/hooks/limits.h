/* What a filter for system calls means for the recorder. */
#ifndef RECORDER_LIMITS_H
#define RECORDER_LIMITS_H

/* A filter is about to be set: from here on the recorder makes no system call
 * that the program need not expect. */
void limit_system_calls(void);

#endif
