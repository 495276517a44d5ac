// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "tqgpu_fake.h"

struct tqgpu_bind_row {
	const char *name;
	struct drm_tqgpu_bind_op op;
	int result;
};

#define TQGPU_TEST_VA 0x10000000ull
static const struct tqgpu_bind_row tqgpu_bind_rows[] = {
	{ "map", { .op = DRM_TQGPU_BIND_MAP, .handle = 1, .va = TQGPU_TEST_VA, .size = 4096 }, 0 },
	{ "map, read-only code",
	  { .op = DRM_TQGPU_BIND_MAP, .flags = DRM_TQGPU_BIND_READONLY | DRM_TQGPU_BIND_EXECUTE, .handle = 1,
	    .va = TQGPU_TEST_VA, .size = 4096 }, 0 },
	{ "user memory", { .op = DRM_TQGPU_BIND_MAP_USERPTR, .offset = 4096, .va = TQGPU_TEST_VA, .size = 4096 }, 0 },
	{ "unmap", { .op = DRM_TQGPU_BIND_UNMAP, .va = TQGPU_TEST_VA, .size = 4096 }, 0 },
	{ "protect",
	  { .op = DRM_TQGPU_BIND_PROTECT, .flags = DRM_TQGPU_BIND_READONLY, .va = TQGPU_TEST_VA, .size = 4096 }, 0 },
	{ "pad", { .op = DRM_TQGPU_BIND_MAP, .pad = 1, .va = TQGPU_TEST_VA, .size = 4096 }, -EINVAL },
	{ "unknown operation", { .op = DRM_TQGPU_BIND_PROTECT + 1, .va = TQGPU_TEST_VA, .size = 4096 }, -EINVAL },
	{ "unknown flag", { .op = DRM_TQGPU_BIND_MAP, .flags = 4, .va = TQGPU_TEST_VA, .size = 4096 }, -EINVAL },
	{ "no size", { .op = DRM_TQGPU_BIND_MAP, .va = TQGPU_TEST_VA }, -EINVAL },
	{ "half a page", { .op = DRM_TQGPU_BIND_MAP, .va = TQGPU_TEST_VA, .size = 2048 }, -EINVAL },
	{ "address within a page", { .op = DRM_TQGPU_BIND_MAP, .va = TQGPU_TEST_VA + 8, .size = 4096 }, -EINVAL },
	{ "offset within a page", { .op = DRM_TQGPU_BIND_MAP, .offset = 8, .va = TQGPU_TEST_VA, .size = 4096 }, -EINVAL },
	{ "end wraps", { .op = DRM_TQGPU_BIND_MAP, .va = ~0ull << 12, .size = 8192 }, -EINVAL },
	{ "below the range", { .op = DRM_TQGPU_BIND_MAP, .va = 0, .size = 4096 }, -EINVAL },
	{ "above the range",
	  { .op = DRM_TQGPU_BIND_MAP, .va = BIT_ULL(TQGPU_VA_BITS) - 4096, .size = 8192 }, -EINVAL },
	{ "unmap with a handle", { .op = DRM_TQGPU_BIND_UNMAP, .handle = 1, .va = TQGPU_TEST_VA, .size = 4096 }, -EINVAL },
	{ "unmap with flags", { .op = DRM_TQGPU_BIND_UNMAP, .flags = 1, .va = TQGPU_TEST_VA, .size = 4096 }, -EINVAL },
	{ "unmap with an offset",
	  { .op = DRM_TQGPU_BIND_UNMAP, .offset = 4096, .va = TQGPU_TEST_VA, .size = 4096 }, -EINVAL },
	{ "protect with an offset",
	  { .op = DRM_TQGPU_BIND_PROTECT, .offset = 4096, .va = TQGPU_TEST_VA, .size = 4096 }, -EINVAL },
};

static void tqgpu_bind_row_name(const struct tqgpu_bind_row *row, char *name)
{
	strscpy(name, row->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(tqgpu_bind, tqgpu_bind_rows, tqgpu_bind_row_name);

static void tqgpu_bind_test_op(struct kunit *test)
{
	const struct tqgpu_bind_row *row = test->param_value;
	struct tqgpu_vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, vm);
	vm->base.mm_start = SZ_64K;
	vm->base.mm_range = BIT_ULL(TQGPU_VA_BITS) - SZ_64K;
	KUNIT_EXPECT_EQ(test, tqgpu_op_check(vm, &row->op), row->result);
}

static void tqgpu_bind_test_rights(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tqgpu_rights(0), TQGPU_PTE_READ | TQGPU_PTE_WRITE);
	KUNIT_EXPECT_EQ(test, tqgpu_rights(DRM_TQGPU_BIND_READONLY), TQGPU_PTE_READ);
	/* Never both: what is executed is not written. */
	KUNIT_EXPECT_EQ(test, tqgpu_rights(DRM_TQGPU_BIND_EXECUTE), TQGPU_PTE_READ | TQGPU_PTE_EXECUTE);
}

static struct kunit_case tqgpu_bind_cases[] = {
	KUNIT_CASE_PARAM(tqgpu_bind_test_op, tqgpu_bind_gen_params),
	KUNIT_CASE(tqgpu_bind_test_rights),
	{}
};

static struct kunit_suite tqgpu_bind_suite = { .name = "tqgpu_bind", .test_cases = tqgpu_bind_cases };
kunit_test_suite(tqgpu_bind_suite);
