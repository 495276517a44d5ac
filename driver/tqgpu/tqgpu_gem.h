/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Memory objects: in video memory by our own, in host memory by the kernel's shmem objects. */
#ifndef TQGPU_GEM_H
#define TQGPU_GEM_H

#include <drm/drm_gem.h>
#include <drm/drm_gem_shmem_helper.h>

#include "tqgpu_device.h"
#include "tqgpu_dma.h"

struct tqgpu_bo {
	struct drm_gem_object base;
	struct list_head blocks; /* of the buddy allocator */
};

/* In host memory, from here or from another device. */
struct tqgpu_system_bo {
	struct drm_gem_shmem_object base;
	struct tqgpu_dma dma;
};

/* The driver's gem_create_object. */
struct drm_gem_object *tqgpu_system_alloc(struct drm_device *drm, size_t size);

/* tqgpu_vram_alloc(), after a wait for what is being given back if there is too little. Where no dma_fence waits. */
int tqgpu_vram_get(struct tqgpu_device *tq, u64 size, struct list_head *blocks);

bool tqgpu_gem_in_vram(const struct drm_gem_object *obj);

/* A run of card addresses. */
struct tqgpu_segment {
	u64 address;
	u64 size;
};
/*
 * The card's addresses of [offset, offset + size) of an object, merged where they touch. The object's pages stay where
 * they are for as long as it lives: nothing is evicted. Returns the count, *segments is kvmalloc'ed.
 */
int tqgpu_gem_segments(struct tqgpu_device *tq, struct drm_gem_object *obj, u64 offset, u64 size,
		       struct tqgpu_segment **segments);

/* The same for DMA addresses of host memory. */
int tqgpu_segments_of_table(struct tqgpu_device *tq, struct sg_table *table, u64 offset, u64 size,
			    struct tqgpu_segment **segments);

int tqgpu_ioctl_gem_create(struct drm_device *drm, void *data, struct drm_file *file);
int tqgpu_ioctl_gem_mmap_offset(struct drm_device *drm, void *data, struct drm_file *file);

#endif
