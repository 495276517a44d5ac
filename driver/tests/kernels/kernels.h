/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Arguments of the test kernels; one entry point runs them all. */
#ifndef TQGPU_TEST_KERNELS_KERNELS_H
#define TQGPU_TEST_KERNELS_KERNELS_H

#include <stdint.h>

enum test_kernel {
	KERNEL_EMPTY,
	KERNEL_ADD,	  /* c[i] = a[i] + b[i], in blocks of `block_size` elements of float */
	KERNEL_COUNT,	  /* atomically adds 1 to a[block % n] */
	KERNEL_STORE,	  /* stores 1 to address a, in block `n` only */
	KERNEL_JUMP,	  /* calls address a */
	KERNEL_ILLEGAL,	  /* an instruction that there is not */
	KERNEL_SPIN,	  /* for ever, or until *a is not 0 where a is given */
	KERNEL_REGISTERS, /* a[0] = or of all registers at the start that should be 0 */
	KERNEL_TRAP,	  /* TQGPU_ECALL_FAULT with n */
	KERNEL_SLOTS,	  /* marks a[slot] */
	KERNEL_MIX,	  /* a[block] = what b rounds on general, floating-point and vector registers make of block + c */
	KERNEL_STORE_OR_SPIN, /* stores 1 to address a in block `n`, all others run for ever */
	KERNEL_COUNT_ALL, /* for ever: a[slot] counts up */
};

struct test_arguments {
	uint64_t kernel;
	uint64_t a, b, c, n, block_size;
};

#endif
