/* errno of the host. Read errno after a call made by the host. Write errno only
 * to restore the value, or in place of a function missing in the host's libc.
 */
#ifndef RECORDER_HOST_ERRNO_H
#define RECORDER_HOST_ERRNO_H

int host_errno(void);
void host_set_errno(int error);

/* What libc would return for the kernel's answer to a system call. */
long host_result(long answer);

#endif
