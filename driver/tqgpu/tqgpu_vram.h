/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Video memory by the kernel's buddy allocator. */
#ifndef TQGPU_VRAM_H
#define TQGPU_VRAM_H

#include <linux/list.h>
#include <linux/mutex.h>

/* The allocator moved and was renamed without a version that says so; the Makefile looks which one there is. */
#ifdef TQGPU_HAVE_GPU_BUDDY
#include <linux/gpu_buddy.h>
#else
#include <drm/drm_buddy.h>
#define gpu_buddy drm_buddy
#define gpu_buddy_block drm_buddy_block
#define gpu_buddy_init drm_buddy_init
#define gpu_buddy_fini drm_buddy_fini
#define gpu_buddy_alloc_blocks drm_buddy_alloc_blocks
#define gpu_buddy_free_list drm_buddy_free_list
#define gpu_buddy_block_offset drm_buddy_block_offset
#define gpu_buddy_block_size drm_buddy_block_size
#define GPU_BUDDY_RANGE_ALLOCATION DRM_BUDDY_RANGE_ALLOCATION
#define GPU_BUDDY_CONTIGUOUS_ALLOCATION DRM_BUDDY_CONTIGUOUS_ALLOCATION
#endif

struct tqgpu_vram {
	struct mutex lock;
	struct gpu_buddy buddy;
	struct list_head reserved; /* what host and card talk through */
	u64 size;
};

int tqgpu_vram_init(struct tqgpu_vram *vram, u64 size, u64 reserved);
void tqgpu_vram_fini(struct tqgpu_vram *vram);
/* Pages of video memory, in as few blocks as there are; offsets count from the start of BAR 2. Not cleared. */
int tqgpu_vram_alloc(struct tqgpu_vram *vram, u64 size, struct list_head *blocks);
void tqgpu_vram_free(struct tqgpu_vram *vram, struct list_head *blocks);
u64 tqgpu_vram_used(struct tqgpu_vram *vram);

#endif
