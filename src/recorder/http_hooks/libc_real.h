/* libc's own function behind each hook on sockets. */
#ifndef RECORDER_LIBC_REAL_H
#define RECORDER_LIBC_REAL_H

#include <stddef.h>

#define LIBC_FUNCTIONS(F)                                                      \
	F(read)                                                                \
	F(readv)                                                               \
	F(recv)                                                                \
	F(recvfrom)                                                            \
	F(recvmsg)                                                             \
	F(__read_chk)                                                          \
	F(__recv_chk)                                                          \
	F(__recvfrom_chk)                                                      \
	F(write)                                                               \
	F(writev)                                                              \
	F(send)                                                                \
	F(sendto)                                                              \
	F(sendmsg)

struct libc_real {
#define POINTER(function) void *function;
	LIBC_FUNCTIONS(POINTER)
#undef POINTER
};
extern struct libc_real libc_real;

/* Fills `libc_real`. */
void libc_real_find(void);

/* For a call before the loader is done, with the function not found: fails with
 * ENOSYS. */
long libc_real_missing(void);

/* LIBC(send, fd, ...): the call of libc's function. */
#define LIBC(function, ...)                                                    \
	(libc_real.function || (libc_real_find(), libc_real.function)          \
		 ? ((__typeof__(function) *)libc_real.function)(__VA_ARGS__)   \
		 : (__typeof__(function(__VA_ARGS__)))libc_real_missing())

#endif
