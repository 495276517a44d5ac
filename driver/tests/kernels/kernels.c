/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "kernels.h"
#include "user.h"

typedef void kernel_body(const struct test_arguments *arguments, int64_t block);

static void empty(const struct test_arguments *arguments, int64_t block)
{
	(void)arguments;
	(void)block;
}

static void add(const struct test_arguments *arguments, int64_t block)
{
	const float *a = (const float *)arguments->a, *b = (const float *)arguments->b;
	float *c = (float *)arguments->c;
	uint64_t first = (uint64_t)block * arguments->block_size, last = first + arguments->block_size;

	for (uint64_t i = first; i < last && i < arguments->n; i++)
		c[i] = a[i] + b[i];
}

static void count(const struct test_arguments *arguments, int64_t block)
{
	__atomic_fetch_add((uint64_t *)arguments->a + (uint64_t)block % arguments->n, 1, __ATOMIC_RELAXED);
}

static void store(const struct test_arguments *arguments, int64_t block)
{
	if ((uint64_t)block == arguments->n)
		*(volatile uint64_t *)arguments->a = 1;
}

static void jump(const struct test_arguments *arguments, int64_t block)
{
	(void)block;
	((void (*)(void))arguments->a)();
}

static void illegal(const struct test_arguments *arguments, int64_t block)
{
	(void)arguments;
	(void)block;
	__asm__ volatile(".word 0");
}

static void spin(const struct test_arguments *arguments, int64_t block)
{
	(void)block;
	while (!arguments->a || !*(volatile uint64_t *)arguments->a)
		;
}

static void trap(const struct test_arguments *arguments, int64_t block)
{
	(void)block;
	ask(TQGPU_ECALL_FAULT, arguments->n);
}

static kernel_body *const bodies[] = {
	[KERNEL_EMPTY] = empty,	    [KERNEL_ADD] = add,	  [KERNEL_COUNT] = count, [KERNEL_STORE] = store,
	[KERNEL_JUMP] = jump,	    [KERNEL_ILLEGAL] = illegal, [KERNEL_SPIN] = spin, [KERNEL_TRAP] = trap,
	[KERNEL_REGISTERS] = empty, [KERNEL_SLOTS] = empty,
};

void kernel_main(const struct test_arguments *arguments, uint64_t slot, uint64_t slots, uint64_t registers)
{
	if (arguments->kernel == KERNEL_REGISTERS)
		*(uint64_t *)arguments->a = registers;
	if (arguments->kernel == KERNEL_SLOTS)
		((uint64_t *)arguments->a)[slot] = slots;
	kernel_body *body = bodies[arguments->kernel];
	for (int64_t block; (block = next_block()) >= 0;)
		body(arguments, block);
	end();
}
