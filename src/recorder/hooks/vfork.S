/* vfork returns twice into the same stack frame, so no frame of ours may be
 * there: say what is about to happen, then jump. */
	.text
	.globl	vfork
	.type	vfork, @function
vfork:
	.cfi_startproc
	endbr64
	movq	(%rsp), %rdi		/* the caller */
	subq	$8, %rsp		/* calls want a stack of 16 bytes */
	.cfi_adjust_cfa_offset 8
	call	before_vfork
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	jmp	*%rax
	.cfi_endproc
	.size	vfork, . - vfork
	.section .note.GNU-stack, "", @progbits
