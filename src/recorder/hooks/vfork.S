/* vfork returns twice into the same stack frame, so no frame of the recorder
 * may lie on the stack: record the fork, then jump to the real vfork. */
	.text
	.globl	vfork
	.type	vfork, @function
vfork:
	.cfi_startproc
	endbr64
	movq	(%rsp), %rdi		/* the caller */
	subq	$8, %rsp		/* align the stack to 16 bytes */
	.cfi_adjust_cfa_offset 8
	call	before_vfork
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	jmp	*%rax
	.cfi_endproc
	.size	vfork, . - vfork
	.section .note.GNU-stack, "", @progbits
