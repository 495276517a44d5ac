/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Every hart enters here at reset. Hart 0 boots; the others sleep until it has released them into the firmware. */
	.section .text.start, "ax"
	.globl _start
_start:
	csrw mie, zero
	csrw satp, zero
	csrr a0, mhartid
	la gp, __global_pointer$
	la t0, hang
	csrw mtvec, t0
	bnez a0, wait_for_release
	la sp, rom_stack_end
	la t0, __bss_start
	la t1, __bss_end
1:	bgeu t0, t1, 2f
	sd zero, 0(t0)
	addi t0, t0, 8
	j 1b
2:	call rom_main		/* returns the firmware's entry */
	mv s0, a0
	call rom_release_harts
	la a1, rom_boot_record
	li a0, 0
	fence.i
	jr s0

wait_for_release:
	li t2, 0x2000000	/* CLINT: an interrupt from before the reset is not ours */
	slli t3, a0, 2
	add t2, t2, t3
	sw zero, 0(t2)
	li t0, 8		/* software interrupt */
	csrw mie, t0
1:	wfi
	csrr t1, mip
	and t1, t1, t0
	beqz t1, 1b
	sw zero, 0(t2)
	la t1, rom_entry
	ld t1, 0(t1)
	beqz t1, 1b
	la a1, rom_boot_record
	fence.i
	jr t1

	.balign 4
hang:	wfi
	j hang

	.section .bss, "aw", @nobits
	.balign 16
	.skip 8192
rom_stack_end:
