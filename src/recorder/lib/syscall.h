/* Raw system calls. The recorder calls no function of libc for its own work:
 * errno stays the host's, and no lock of libc is waited for. Results are the
 * kernel's: a negative errno on failure. */
#ifndef RECORDER_SYSCALL_H
#define RECORDER_SYSCALL_H

#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#ifndef __x86_64__
#error "the recorder knows x86-64 only: see syscall.h, vfork.S and docs/limits.md"
#endif

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

static inline long sys_call6(long number, long a, long b, long c, long d,
			     long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10),
			   "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#define SYS_PICK(_0, _1, _2, _3, _4, _5, _6, name, ...) name
#define SYS0(n)						sys_call6(n, 0, 0, 0, 0, 0, 0)
#define SYS1(n, a)					sys_call6(n, (long)(a), 0, 0, 0, 0, 0)
#define SYS2(n, a, b)					sys_call6(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define SYS3(n, a, b, c)				sys_call6(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define SYS4(n, a, b, c, d)                                                    \
	sys_call6(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define SYS5(n, a, b, c, d, e)                                                 \
	sys_call6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define SYS6(n, a, b, c, d, e, f)                                              \
	sys_call6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e),    \
		  (long)(f))

/* SYS(open, path, flags, mode): the call SYS_open. */
#define SYS(call, ...)                                                         \
	SYS_PICK(_, ##__VA_ARGS__, SYS6, SYS5, SYS4, SYS3, SYS2, SYS1, SYS0)   \
	(SYS_##call, ##__VA_ARGS__)

/* New memory, zeroed. NULL when the kernel has none. */
static inline void *sys_memory(size_t size)
{
	long at = SYS(mmap, NULL, size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at < 0 && at > -4096 ? NULL : (void *)at;
}

#endif
