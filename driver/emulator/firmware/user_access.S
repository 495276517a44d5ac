/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Memory of the process whose page table is in satp, with its rights: MPRV makes loads and stores of machine mode
 * behave as user mode's. No stack, no t0, t1 in here: the trap handler uses them and returns at user_access_failed.
 * Misaligned addresses are fine on this machine.
 */
	.equ MPRV, 1 << 17

	.macro enter
	li t2, 3 << 11
	csrc mstatus, t2	/* MPP = user */
	li t2, MPRV
	csrs mstatus, t2
	.endm
	.macro leave
	csrc mstatus, t2
	li a0, 0
	ret
	.endm

	.text
	.globl user_access_begin
user_access_begin:

	.globl user_load
user_load:			/* (u64* value, address) */
	mv a2, a0
	enter
	ld a3, 0(a1)
	csrc mstatus, t2
	sd a3, 0(a2)
	li a0, 0
	ret

	.globl user_store32
user_store32:			/* (address, value) */
	enter
	sw a1, 0(a0)
	leave

	.globl user_store64
user_store64:
	enter
	sd a1, 0(a0)
	leave

	.globl user_copy
user_copy:			/* (destination, source, size) */
	enter
	li t3, 64
1:	bltu a2, t3, 2f
	ld a3, 0(a1)
	ld a4, 8(a1)
	ld a5, 16(a1)
	ld a6, 24(a1)
	ld a7, 32(a1)
	ld t4, 40(a1)
	ld t5, 48(a1)
	ld t6, 56(a1)
	sd a3, 0(a0)
	sd a4, 8(a0)
	sd a5, 16(a0)
	sd a6, 24(a0)
	sd a7, 32(a0)
	sd t4, 40(a0)
	sd t5, 48(a0)
	sd t6, 56(a0)
	addi a0, a0, 64
	addi a1, a1, 64
	addi a2, a2, -64
	j 1b
2:	li t3, 8
3:	bltu a2, t3, 4f
	ld a3, 0(a1)
	sd a3, 0(a0)
	addi a0, a0, 8
	addi a1, a1, 8
	addi a2, a2, -8
	j 3b
4:	beqz a2, 5f
	lbu a3, 0(a1)
	sb a3, 0(a0)
	addi a0, a0, 1
	addi a1, a1, 1
	addi a2, a2, -1
	j 4b
5:	leave

	.globl user_fill64
user_fill64:			/* (destination, pattern, size) */
	enter
	li t3, 64
1:	bltu a2, t3, 2f
	sd a1, 0(a0)
	sd a1, 8(a0)
	sd a1, 16(a0)
	sd a1, 24(a0)
	sd a1, 32(a0)
	sd a1, 40(a0)
	sd a1, 48(a0)
	sd a1, 56(a0)
	addi a0, a0, 64
	addi a2, a2, -64
	j 1b
2:	beqz a2, 3f
	sd a1, 0(a0)
	addi a0, a0, 8
	addi a2, a2, -8
	j 2b
3:	leave

	.globl user_fill_bytes
user_fill_bytes:		/* the pattern's lowest byte goes first, then it turns */
	enter
1:	beqz a2, 2f
	sb a1, 0(a0)
	srli t3, a1, 8
	slli a1, a1, 56
	or a1, a1, t3
	addi a0, a0, 1
	addi a2, a2, -1
	j 1b
2:	leave

	.globl user_access_failed
user_access_failed:		/* a0: cause + 1 */
	li t2, MPRV
	csrc mstatus, t2
	ret
	.globl user_access_end
user_access_end:
