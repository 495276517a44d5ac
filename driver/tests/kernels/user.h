/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What code in user mode of the card may ask for (abi/tqgpu_card.h, enum tqgpu_ecall). */
#ifndef TQGPU_TEST_KERNELS_USER_H
#define TQGPU_TEST_KERNELS_USER_H

#include <stdint.h>

#include "tqgpu_card.h"

static inline uint64_t ask(uint64_t what, uint64_t argument)
{
	register uint64_t a0 __asm__("a0") = argument;
	register uint64_t a7 __asm__("a7") = what;
	__asm__ volatile("ecall"
			 : "+r"(a0), "+r"(a7)
			 :
			 : "memory", "ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a1", "a2", "a3", "a4", "a5", "a6");
	return a0;
}

/* The next block, or -1. */
static inline int64_t next_block(void) { return (int64_t)ask(TQGPU_ECALL_NEXT_BLOCK, 0); }
static inline void end(void)
{
	for (;;)
		ask(TQGPU_ECALL_END, 0);
}

#endif
