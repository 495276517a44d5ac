/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
	.section .text.start, "ax"
	.globl _start
_start:
	mv a3, ra
	.irp r, gp,tp,t0,t1,t2,s0,s1,a4,a5,a6,a7,s2,s3,s4,s5,s6,s7,s8,s9,s10,s11,t3,t4,t5,t6
	or a3, a3, \r
	.endr
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fmv.x.d t0, f\n
	or a3, a3, t0
	.endr
	tail kernel_main
