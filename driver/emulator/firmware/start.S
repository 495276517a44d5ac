/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Entry of every hart (a0 = hart, a1 = the ROM's boot record), the way into user code and back, and traps. */
	.equ CONTEXT_BYTES, 512
	.equ CAUSE, 256
	.equ VALUE, 264
	.equ PC, 272
	.equ NEXT, 280
	.equ COUNT, 288
	.equ STOP, 296
	.equ SAVED, 304
	.equ BLOCK, 408

	.equ SAVE_F, 272
	.equ SAVE_FCSR, 528
	.equ SAVE_VL, 536
	.equ SAVE_VTYPE, 544
	.equ SAVE_VSTART, 552
	.equ SAVE_VCSR, 560
	.equ SAVE_V, 576

	.section .text.start, "ax"
	.globl _start
_start:
	csrw mie, zero
	la t0, trap
	csrw mtvec, t0
	/* User code may reach memory, but neither SRAM nor devices. NAPOT regions; the first match decides. */
	li t0, (0x80000000 >> 2) | ((0x2000000 >> 3) - 1)
	csrw pmpaddr0, t0
	li t0, (0x80000000 >> 3) - 1
	csrw pmpaddr1, t0
	li t0, -1
	csrw pmpaddr2, t0
	li t0, 0x1f1818
	csrw pmpcfg0, t0
	li t0, (1 << 13) | (1 << 9)	/* floating point and vectors on */
	csrs mstatus, t0
	li t0, 7			/* cycle, time, instret readable by user code */
	csrw mcounteren, t0
	csrw scounteren, t0
	la gp, __global_pointer$
	la sp, stacks
	addi t1, a0, 1
	slli t1, t1, 13
	add sp, sp, t1
	li t2, CONTEXT_BYTES
	mul t1, a0, t2
	la t0, hart_contexts
	add t0, t0, t1
	csrw mscratch, t0
	bnez a0, 3f
	/* Hart 0 clears .bss before anyone else may touch it. */
	la t0, __bss_start
	la t1, __bss_end
1:	bgeu t0, t1, 2f
	sd zero, 0(t0)
	addi t0, t0, 8
	j 1b
2:	ld t0, 0(a1)
	ld t1, 8(a1)
	lw t2, 16(a1)
	la t3, boot
	sd t0, 0(t3)
	sd t1, 8(t3)
	sw t2, 16(t3)
	tail command_processor_main	/* releases the others when there is something to look at */
3:	la t0, harts_may_start
4:	lw t1, 0(t0)
	beqz t1, 4b
	fence rw, rw
	tail compute_unit_main

/* void user_run(context, entry, argument, slot, slots, stack) */
	.text
	.globl user_run
user_run:
	sd ra, SAVED(a0)
	sd s0, SAVED+8(a0)
	sd s1, SAVED+16(a0)
	sd s2, SAVED+24(a0)
	sd s3, SAVED+32(a0)
	sd s4, SAVED+40(a0)
	sd s5, SAVED+48(a0)
	sd s6, SAVED+56(a0)
	sd s7, SAVED+64(a0)
	sd s8, SAVED+72(a0)
	sd s9, SAVED+80(a0)
	sd s10, SAVED+88(a0)
	sd s11, SAVED+96(a0)
	sd sp, 0(a0)
	csrw mepc, a1
	li t0, 3 << 11
	csrc mstatus, t0
	li t0, 1 << 7
	csrs mstatus, t0
	mv sp, a5
	mv a0, a2
	mv a1, a3
	mv a2, a4
	/* Nothing of the firmware's, or of the process that ran before, is left in registers. */
	.irp r, ra,gp,tp,t0,t1,t2,s0,s1,a3,a4,a5,a6,a7,s2,s3,s4,s5,s6,s7,s8,s9,s10,s11,t3,t4,t5,t6
	li \r, 0
	.endr
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fmv.d.x f\n, zero
	.endr
	csrw fcsr, zero
	.option push
	.option arch, +v
	csrw vstart, zero
	csrw vcsr, zero
	vsetvli t0, zero, e8, m8, ta, ma
	vmv.v.i v0, 0
	vmv.v.i v8, 0
	vmv.v.i v16, 0
	vmv.v.i v24, 0
	vsetivli zero, 0, e8, m1, ta, ma
	li t0, 0
	.option pop
	mret

	.globl save_user_registers
save_user_registers:			/* (save) */
	.option push
	.option arch, +v
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fsd f\n, SAVE_F+8*\n(a0)
	.endr
	csrr t0, fcsr
	sd t0, SAVE_FCSR(a0)
	csrr t0, vl
	sd t0, SAVE_VL(a0)
	csrr t0, vtype
	sd t0, SAVE_VTYPE(a0)
	csrr t0, vstart
	sd t0, SAVE_VSTART(a0)
	csrr t0, vcsr
	sd t0, SAVE_VCSR(a0)
	csrw vstart, zero
	vsetvli t1, zero, e8, m8, ta, ma
	addi t0, a0, SAVE_V
	vse8.v v0, (t0)
	add t0, t0, t1
	vse8.v v8, (t0)
	add t0, t0, t1
	vse8.v v16, (t0)
	add t0, t0, t1
	vse8.v v24, (t0)
	ret

	.globl user_resume
user_resume:				/* (context, save) */
	sd ra, SAVED(a0)
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11
	sd s\n, SAVED+8+8*\n(a0)
	.endr
	sd sp, 0(a0)
	/* A reservation of whoever ran before must not let a store of this one's succeed. */
	sc.d t0, zero, (a0)
	csrw vstart, zero
	vsetvli t1, zero, e8, m8, ta, ma
	addi t0, a1, SAVE_V
	vle8.v v0, (t0)
	add t0, t0, t1
	vle8.v v8, (t0)
	add t0, t0, t1
	vle8.v v16, (t0)
	add t0, t0, t1
	vle8.v v24, (t0)
	ld t0, SAVE_VL(a1)
	ld t1, SAVE_VTYPE(a1)
	vsetvl zero, t0, t1
	ld t0, SAVE_VSTART(a1)
	csrw vstart, t0
	ld t0, SAVE_VCSR(a1)
	csrw vcsr, t0
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fld f\n, SAVE_F+8*\n(a1)
	.endr
	ld t0, SAVE_FCSR(a1)
	csrw fcsr, t0
	.option pop
	ld t0, PC(a0)
	csrw mepc, t0
	li t0, 3 << 11
	csrc mstatus, t0
	li t0, 1 << 7
	csrs mstatus, t0
	.irp n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld x\n, \n*8(a0)
	.endr
	ld a0, 10*8(a0)
	mret

	.balign 4
trap:
	csrrw a0, mscratch, a0
	sd t0, 5*8(a0)
	sd t1, 6*8(a0)
	csrr t0, mcause
	li t1, 8			/* ecall from user mode */
	bne t0, t1, not_next_block
	li t1, 1
	bne a7, t1, not_next_block
	/* TQGPU_ECALL_NEXT_BLOCK, the one that kernels of many small blocks live on. */
	csrr t0, mepc
	addi t0, t0, 4
	csrw mepc, t0
	ld t0, STOP(a0)
	lw t0, 0(t0)
	bnez t0, 1f
	ld t0, NEXT(a0)
	li t1, 1
	amoadd.d t1, t1, (t0)
	sd t1, BLOCK(a0)
	ld t0, COUNT(a0)
	bltu t1, t0, 2f
1:	li t1, -1
2:	csrw mscratch, a0
	mv a0, t1
	li t0, 0
	mret

not_next_block:
	csrr t0, mstatus
	li t1, 3 << 11
	and t0, t0, t1
	bnez t0, trap_in_firmware
	/* From user mode: everything is kept, since it may go on. */
	.irp n, 1,2,3,4,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	sd x\n, \n*8(a0)
	.endr
	csrrw t0, mscratch, a0
	sd t0, 10*8(a0)
	csrr t0, mcause
	sd t0, CAUSE(a0)
	csrr t1, mtval
	sd t1, VALUE(a0)
	csrr t1, mepc
	sd t1, PC(a0)
	la gp, __global_pointer$
	bgez t0, leave_user
	/* An interrupt: somebody wants translations forgotten, or the work stopped. */
	ld sp, 0(a0)
	call user_interrupted		/* (context) -> go on? */
	csrr t0, mscratch
	beqz a0, 1f
	mv a0, t0
	ld t0, PC(a0)
	csrw mepc, t0
	li t0, 3 << 11
	csrc mstatus, t0
	.irp n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld x\n, \n*8(a0)
	.endr
	ld a0, 10*8(a0)
	mret
1:	mv a0, t0
leave_user:
	ld ra, SAVED(a0)
	ld s0, SAVED+8(a0)
	ld s1, SAVED+16(a0)
	ld s2, SAVED+24(a0)
	ld s3, SAVED+32(a0)
	ld s4, SAVED+40(a0)
	ld s5, SAVED+48(a0)
	ld s6, SAVED+56(a0)
	ld s7, SAVED+64(a0)
	ld s8, SAVED+72(a0)
	ld s9, SAVED+80(a0)
	ld s10, SAVED+88(a0)
	ld s11, SAVED+96(a0)
	ld sp, 0(a0)
	li tp, 0
	ret

trap_in_firmware:
	/* Only the user access routines may fault. They keep nothing in t0 and t1. */
	csrr t0, mepc
	la t1, user_access_begin
	bltu t0, t1, 1f
	la t1, user_access_end
	bgeu t0, t1, 1f
	csrr t0, mcause
	bltz t0, 1f
	sd t0, CAUSE(a0)
	csrr t1, mtval
	sd t1, VALUE(a0)
	csrr t1, mepc
	sd t1, PC(a0)
	la t1, user_access_failed
	csrw mepc, t1
	csrrw a0, mscratch, a0
	addi a0, t0, 1
	mret
1:	csrr a0, mcause
	csrr a1, mepc
	csrr a2, mtval
	la gp, __global_pointer$
	tail firmware_panic

	.globl forget_translations
forget_translations:
	sfence.vma
	fence.i
	ret

	.section .bss, "aw", @nobits
	.balign 4096
stacks:	.skip 8192 * 64

	.data
	.balign 8
	.globl harts_may_start
	/* Not in .bss: the other harts look at it while hart 0 clears that. */
harts_may_start: .word 0
