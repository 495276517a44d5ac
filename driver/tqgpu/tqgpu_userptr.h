/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Memory of a process that the card may use as it is. The pages are pinned while they are mapped, which is what registering
 * host memory means to CUDA, and count against RLIMIT_MEMLOCK.
 */
#ifndef TQGPU_USERPTR_H
#define TQGPU_USERPTR_H

#include <linux/kref.h>
#include <linux/scatterlist.h>

#include "tqgpu_dma.h"
#include "tqgpu_gem.h"

struct tqgpu_userptr {
	struct kref refs;
	struct tqgpu_device *device;
	struct mm_struct *mm;
	struct page **pages;
	unsigned long page_count;
	struct sg_table table;
	struct tqgpu_dma dma;
	bool writable;
};

struct tqgpu_userptr *tqgpu_userptr_pin(struct tqgpu_device *tq, u64 address, u64 size, bool writable);
void tqgpu_userptr_put(struct tqgpu_userptr *userptr);
int tqgpu_userptr_segments(struct tqgpu_userptr *userptr, struct tqgpu_segment **segments);

#endif
