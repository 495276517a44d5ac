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

static void store_or_spin(const struct test_arguments *arguments, int64_t block)
{
	if ((uint64_t)block == arguments->n)
		*(volatile uint64_t *)arguments->a = 1;
	for (;;)
		__asm__ volatile("");
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

/* A register that an interruption changes shows in the result. Vectors by hand: the compiler does not use them here. */
static void mix(const struct test_arguments *arguments, int64_t block)
{
	uint64_t seed = (uint64_t)block + arguments->c, value = seed, other = ~seed, sum;
	double real = (double)(seed % 1000) + 1, inverse = 1;

	__asm__ volatile(".option push\n\t.option arch, +v\n\t"
			 "vsetivli zero, 8, e64, m1, ta, ma\n\tvid.v v3\n\tvmv.v.x v31, %0\n\t.option pop" ::"r"(seed));
	for (uint64_t i = 0; i < arguments->b; i++) {
		value = value * 6364136223846793005u + 1442695040888963407u;
		other ^= value >> 17;
		real = real * 1.0000001 + 0.5;
		inverse = 1 / real + inverse * 0.5;
		__asm__ volatile(".option push\n\t.option arch, +v\n\tvadd.vx v3, v3, %0\n\tvxor.vv v31, v31, v3\n\t"
				 ".option pop" ::"r"(value));
	}
	__asm__ volatile(".option push\n\t.option arch, +v\n\tvmv.s.x v4, zero\n\tvredsum.vs v4, v31, v4\n\t"
			 "vmv.x.s %0, v4\n\t.option pop" : "=r"(sum));
	union {
		double real;
		uint64_t bits;
	} bits = { real + inverse };
	((uint64_t *)arguments->a)[block] = value ^ other ^ sum ^ bits.bits;
}

static kernel_body *const bodies[] = {
	[KERNEL_EMPTY] = empty,	    [KERNEL_ADD] = add,	  [KERNEL_COUNT] = count, [KERNEL_STORE] = store,
	[KERNEL_JUMP] = jump,	    [KERNEL_ILLEGAL] = illegal, [KERNEL_SPIN] = spin, [KERNEL_TRAP] = trap,
	[KERNEL_REGISTERS] = empty, [KERNEL_SLOTS] = empty,
	[KERNEL_MIX] = mix,
	[KERNEL_STORE_OR_SPIN] = store_or_spin,	    [KERNEL_COUNT_ALL] = empty,
};

void kernel_main(const struct test_arguments *arguments, uint64_t slot, uint64_t slots, uint64_t registers)
{
	if (arguments->kernel == KERNEL_REGISTERS)
		*(uint64_t *)arguments->a = registers;
	if (arguments->kernel == KERNEL_SLOTS)
		((uint64_t *)arguments->a)[slot] = slots;
	while (arguments->kernel == KERNEL_COUNT_ALL)
		__atomic_fetch_add((uint64_t *)arguments->a + slot, 1, __ATOMIC_RELAXED);
	kernel_body *body = bodies[arguments->kernel];
	for (int64_t block; (block = next_block()) >= 0;)
		body(arguments, block);
	end();
}
