// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The same code is tested at length in user space (driver/tests); this is its behaviour as the kernel compiles it. */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#define TQGPU_TEST_VRAM SZ_1M
#define TQGPU_TEST_BASE 0x400000000ull
#define TQGPU_TEST_RW (TQGPU_PTE_READ | TQGPU_PTE_WRITE)

struct tqgpu_pt_test {
	struct tqgpu_pt pt;
	struct tqgpu_pt_pool pool;
};

static int tqgpu_pt_test_init(struct kunit *test)
{
	struct tqgpu_pt_test *state = kunit_kzalloc(test, sizeof(*state), GFP_KERNEL);
	u64 page;

	KUNIT_ASSERT_NOT_NULL(test, state);
	state->pt = (struct tqgpu_pt){ vzalloc(TQGPU_TEST_VRAM), TQGPU_TEST_BASE, TQGPU_PT_PAGE_SIZE };
	KUNIT_ASSERT_NOT_NULL(test, state->pt.vram);
	for (page = 2 * TQGPU_PT_PAGE_SIZE; page < TQGPU_TEST_VRAM; page += TQGPU_PT_PAGE_SIZE)
		tqgpu_pt_pool_push(&state->pt, &state->pool, page);
	test->priv = state;
	return 0;
}

static void tqgpu_pt_test_exit(struct kunit *test)
{
	struct tqgpu_pt_test *state = test->priv;

	if (state)
		vfree(state->pt.vram);
}

static u64 tqgpu_pt_test_address(struct tqgpu_pt_test *state, u64 va)
{
	u32 level;
	u64 pte = tqgpu_pt_lookup(&state->pt, va, &level);

	return pte ? pte >> 10 << 12 : 0;
}

static void tqgpu_pt_test_small_and_huge(struct kunit *test)
{
	struct tqgpu_pt_test *state = test->priv;
	u64 va = 0x7f0000000000ull, address = 0x480000000ull;
	u32 level;

	tqgpu_pt_map(&state->pt, &state->pool, va, SZ_4M + SZ_4K, address, TQGPU_TEST_RW);
	KUNIT_EXPECT_NE(test, tqgpu_pt_lookup(&state->pt, va + SZ_2M, &level), 0);
	KUNIT_EXPECT_EQ(test, level, 1);
	KUNIT_EXPECT_NE(test, tqgpu_pt_lookup(&state->pt, va + SZ_4M, &level), 0);
	KUNIT_EXPECT_EQ(test, level, 0);
	KUNIT_EXPECT_EQ(test, tqgpu_pt_lookup(&state->pt, va + SZ_4M + SZ_4K, &level), 0);
}

static void tqgpu_pt_test_holes_split_huge_pages(struct kunit *test)
{
	struct tqgpu_pt_test *state = test->priv;
	u64 va = 0x40000000, address = 0x440000000ull;

	tqgpu_pt_map(&state->pt, &state->pool, va, SZ_2M, address, TQGPU_TEST_RW);
	tqgpu_pt_unmap(&state->pt, &state->pool, va + SZ_1M, SZ_4K);
	KUNIT_EXPECT_EQ(test, tqgpu_pt_test_address(state, va + SZ_1M), 0);
	KUNIT_EXPECT_EQ(test, tqgpu_pt_test_address(state, va + SZ_1M - SZ_4K), address + SZ_1M - SZ_4K);
	KUNIT_EXPECT_EQ(test, tqgpu_pt_test_address(state, va + SZ_1M + SZ_4K), address + SZ_1M + SZ_4K);
}

static void tqgpu_pt_test_tables_come_back(struct kunit *test)
{
	struct tqgpu_pt_test *state = test->priv;
	u32 before = state->pool.count;
	u64 va = 0x123456000ull;

	tqgpu_pt_map(&state->pt, &state->pool, va, 64 * SZ_4K, 0x450000000ull, TQGPU_TEST_RW);
	KUNIT_EXPECT_LT(test, state->pool.count, before);
	KUNIT_EXPECT_LE(test, before - state->pool.count, tqgpu_pt_map_pages(va, 64 * SZ_4K));
	/* A table goes when all that it covers is unmapped in one piece. */
	tqgpu_pt_unmap(&state->pt, &state->pool, 0, 1ull << 39);
	KUNIT_EXPECT_EQ(test, state->pool.count, before);
}

static void tqgpu_pt_test_rights_change(struct kunit *test)
{
	struct tqgpu_pt_test *state = test->priv;
	u32 level;

	tqgpu_pt_map(&state->pt, &state->pool, 0x10000, SZ_8K, 0x460000000ull, TQGPU_TEST_RW);
	tqgpu_pt_protect(&state->pt, &state->pool, 0x10000, SZ_4K, TQGPU_PTE_READ);
	KUNIT_EXPECT_EQ(test, tqgpu_pt_lookup(&state->pt, 0x10000, &level) & TQGPU_PTE_RIGHTS, TQGPU_PTE_READ);
	KUNIT_EXPECT_EQ(test, tqgpu_pt_lookup(&state->pt, 0x11000, &level) & TQGPU_PTE_RIGHTS, TQGPU_TEST_RW);
}

static struct kunit_case tqgpu_pt_cases[] = {
	KUNIT_CASE(tqgpu_pt_test_small_and_huge),
	KUNIT_CASE(tqgpu_pt_test_holes_split_huge_pages),
	KUNIT_CASE(tqgpu_pt_test_tables_come_back),
	KUNIT_CASE(tqgpu_pt_test_rights_change),
	{}
};

static struct kunit_suite tqgpu_pt_suite = {
	.name = "tqgpu_pt",
	.init = tqgpu_pt_test_init,
	.exit = tqgpu_pt_test_exit,
	.test_cases = tqgpu_pt_cases,
};
kunit_test_suite(tqgpu_pt_suite);
