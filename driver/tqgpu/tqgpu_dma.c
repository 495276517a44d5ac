// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "tqgpu_dma.h"

#include <linux/dma-mapping.h>

static void tqgpu_dma_unmap_locked(struct tqgpu_device *tq, struct tqgpu_dma *dma)
{
	if (!dma->table)
		return;
	dma_unmap_sgtable(tq->drm.dev, dma->table, DMA_BIDIRECTIONAL, dma->attrs);
	list_del(&dma->node);
	dma->table = NULL;
}

int tqgpu_dma_add(struct tqgpu_device *tq, struct tqgpu_dma *dma, struct sg_table *table, unsigned long attrs)
{
	int err = 0;

	mutex_lock(&tq->dma_lock);
	dma->table = table;
	dma->attrs = attrs;
	list_add(&dma->node, &tq->dma);
	if (tq->dma_closed) {
		tqgpu_dma_unmap_locked(tq, dma);
		err = -ENODEV;
	}
	mutex_unlock(&tq->dma_lock);
	return err;
}

void tqgpu_dma_unmap(struct tqgpu_device *tq, struct tqgpu_dma *dma)
{
	mutex_lock(&tq->dma_lock);
	tqgpu_dma_unmap_locked(tq, dma);
	mutex_unlock(&tq->dma_lock);
}

void tqgpu_dma_unmap_all(struct tqgpu_device *tq)
{
	struct tqgpu_dma *dma, *next;

	mutex_lock(&tq->dma_lock);
	tq->dma_closed = true;
	list_for_each_entry_safe(dma, next, &tq->dma, node)
		tqgpu_dma_unmap_locked(tq, dma);
	mutex_unlock(&tq->dma_lock);
}
