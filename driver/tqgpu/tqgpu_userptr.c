// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "tqgpu_userptr.h"

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>

/* A page may be mapped twice, by two registrations: there is no moment at which it is the card's alone. */
#define TQGPU_USERPTR_ATTRS DMA_ATTR_SKIP_CPU_SYNC

static void tqgpu_userptr_release(struct kref *refs)
{
	struct tqgpu_userptr *userptr = container_of(refs, struct tqgpu_userptr, refs);

	tqgpu_dma_unmap(userptr->device, &userptr->dma);
	sg_free_table(&userptr->table);
	unpin_user_pages_dirty_lock(userptr->pages, userptr->page_count, userptr->writable);
	account_locked_vm(userptr->mm, userptr->page_count, false);
	mmdrop(userptr->mm);
	kvfree(userptr->pages);
	kfree(userptr);
}

void tqgpu_userptr_put(struct tqgpu_userptr *userptr)
{
	kref_put(&userptr->refs, tqgpu_userptr_release);
}

struct tqgpu_userptr *tqgpu_userptr_pin(struct tqgpu_device *tq, u64 address, u64 size, bool writable)
{
	struct tqgpu_userptr *userptr;
	long pinned;
	int err;

	userptr = kzalloc(sizeof(*userptr), GFP_KERNEL);
	if (!userptr)
		return ERR_PTR(-ENOMEM);
	kref_init(&userptr->refs);
	userptr->device = tq;
	userptr->writable = writable;
	userptr->mm = current->mm;
	userptr->page_count = size >> PAGE_SHIFT;
	userptr->pages = kvmalloc_array(userptr->page_count, sizeof(*userptr->pages), GFP_KERNEL);
	if (!userptr->pages) {
		kfree(userptr);
		return ERR_PTR(-ENOMEM);
	}
	err = account_locked_vm(userptr->mm, userptr->page_count, true);
	if (err)
		goto free_pages;
	pinned = pin_user_pages_fast(address, userptr->page_count, FOLL_LONGTERM | (writable ? FOLL_WRITE : 0),
				     userptr->pages);
	if (pinned != userptr->page_count) {
		err = pinned < 0 ? pinned : -EFAULT;
		if (pinned > 0)
			unpin_user_pages(userptr->pages, pinned);
		goto unaccount;
	}
	mmgrab(userptr->mm);
	err = sg_alloc_table_from_pages(&userptr->table, userptr->pages, userptr->page_count, 0, size, GFP_KERNEL);
	if (!err) {
		err = dma_map_sgtable(tq->drm.dev, &userptr->table, DMA_BIDIRECTIONAL, TQGPU_USERPTR_ATTRS) ?:
		      tqgpu_dma_add(tq, &userptr->dma, &userptr->table, TQGPU_USERPTR_ATTRS);
	}
	if (err) {
		tqgpu_userptr_put(userptr);
		return ERR_PTR(err);
	}
	return userptr;

unaccount:
	account_locked_vm(userptr->mm, userptr->page_count, false);
free_pages:
	kvfree(userptr->pages);
	kfree(userptr);
	return ERR_PTR(err);
}

int tqgpu_userptr_segments(struct tqgpu_userptr *userptr, struct tqgpu_segment **segments)
{
	return tqgpu_segments_of_table(userptr->device, &userptr->table, 0, userptr->page_count << PAGE_SHIFT, segments);
}
