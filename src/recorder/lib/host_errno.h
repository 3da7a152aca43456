/* errno of the host. Read it after a call that the host made. Write it only
 * where the recorder stands in for a function that the host's libc lacks, or to
 * restore the value. */
#ifndef RECORDER_HOST_ERRNO_H
#define RECORDER_HOST_ERRNO_H

int host_errno(void);
void host_set_errno(int error);

#endif
