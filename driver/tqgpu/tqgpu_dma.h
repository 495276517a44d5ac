/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Host memory that the card may reach. Programs keep such memory beyond the card; the mapping of the DMA API has to end
 * with it.
 */
#ifndef TQGPU_DMA_H
#define TQGPU_DMA_H

#include <linux/scatterlist.h>

#include "tqgpu_device.h"

struct tqgpu_dma {
	struct list_head node;
	struct sg_table *table; /* NULL: not mapped */
	unsigned long attrs;	/* that it was mapped with */
};

/* Takes over a table that is mapped already. -ENODEV: the card is gone, and the mapping with it. */
int tqgpu_dma_add(struct tqgpu_device *tq, struct tqgpu_dma *dma, struct sg_table *table, unsigned long attrs);
/* Also when nothing is mapped. */
void tqgpu_dma_unmap(struct tqgpu_device *tq, struct tqgpu_dma *dma);
/* When nobody starts anything on the card any more. */
void tqgpu_dma_unmap_all(struct tqgpu_device *tq);

#endif
