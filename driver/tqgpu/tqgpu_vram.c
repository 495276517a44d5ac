// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "tqgpu_vram.h"

#include <linux/mm.h>

int tqgpu_vram_init(struct tqgpu_vram *vram, u64 size, u64 reserved)
{
	int err;

	mutex_init(&vram->lock);
	INIT_LIST_HEAD(&vram->reserved);
	vram->size = size;
	err = gpu_buddy_init(&vram->buddy, size, PAGE_SIZE);
	if (err)
		return err;
	return gpu_buddy_alloc_blocks(&vram->buddy, 0, reserved, reserved, PAGE_SIZE, &vram->reserved,
				      GPU_BUDDY_RANGE_ALLOCATION);
}

void tqgpu_vram_fini(struct tqgpu_vram *vram)
{
	gpu_buddy_free_list(&vram->buddy, &vram->reserved, 0);
	gpu_buddy_fini(&vram->buddy);
	mutex_destroy(&vram->lock);
}

int tqgpu_vram_alloc(struct tqgpu_vram *vram, u64 size, struct list_head *blocks)
{
	int err;

	mutex_lock(&vram->lock);
	err = gpu_buddy_alloc_blocks(&vram->buddy, 0, vram->size, size, PAGE_SIZE, blocks, 0);
	mutex_unlock(&vram->lock);
	return err;
}

void tqgpu_vram_free(struct tqgpu_vram *vram, struct list_head *blocks)
{
	mutex_lock(&vram->lock);
	gpu_buddy_free_list(&vram->buddy, blocks, 0);
	mutex_unlock(&vram->lock);
}

u64 tqgpu_vram_used(struct tqgpu_vram *vram)
{
	u64 used;

	mutex_lock(&vram->lock);
	used = vram->size - vram->buddy.avail;
	mutex_unlock(&vram->lock);
	return used;
}
