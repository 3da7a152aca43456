/* syscall: a call of the kernel may return twice, or on another stack, so no
 * frame of ours may be there, and no word of the caller's stack is touched. The
 * calls that send a signal, open a file or set a filter for system calls go to
 * kill.c, and so do all of them before the constructor has found libc's
 * function. */
#include <asm/unistd.h>

	.set	place, 0
#define HOOK(function, event) .set place_of_##function, place; .set place, place + 8;
#include "recorder/hooks/hooks.def"
#undef HOOK

	.text
	.globl	syscall
	.type	syscall, @function
syscall:
	.cfi_startproc
	endbr64
	cmpq	$__NR_kill, %rdi
	je	1f
	cmpq	$__NR_tgkill, %rdi
	je	1f
	cmpq	$__NR_pidfd_send_signal, %rdi
	je	1f
	cmpq	$__NR_open, %rdi
	je	1f
	cmpq	$__NR_openat, %rdi
	je	1f
	cmpq	$__NR_statx, %rdi
	je	1f
	cmpq	$__NR_seccomp, %rdi
	je	1f
	movq	real + place_of_syscall(%rip), %rax
	testq	%rax, %rax
	je	1f
	jmp	*%rax
1:	jmp	syscall_in_c
	.cfi_endproc
	.size	syscall, . - syscall
	.section .note.GNU-stack, "", @progbits
