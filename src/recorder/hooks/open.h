/* Opens and probes of env and secret files. */
#ifndef RECORDER_OPEN_H
#define RECORDER_OPEN_H

/* The same through syscall(), with its first three arguments after the number.
 * Any number may be given. */
void record_open_by_number(long number, long a, long b, long c, long result,
			   const void *caller);

#endif
