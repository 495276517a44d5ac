/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A device without a card, for KUnit: video memory and doorbells are plain memory. */
#ifndef TQGPU_FAKE_H
#define TQGPU_FAKE_H

#include <kunit/test.h>

#include "../tqgpu_device.h"

static inline struct tqgpu_device *tqgpu_fake_device(struct kunit *test)
{
	struct tqgpu_device *tq = kunit_kzalloc(test, sizeof(*tq), GFP_KERNEL);
	int class;

	KUNIT_ASSERT_NOT_NULL(test, tq);
	tq->vram = kunit_kzalloc(test, TQGPU_FIRMWARE_OFFSET, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tq->vram);
	tq->doorbell = (void __iomem *)kunit_kzalloc(test, 64, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, (void *)tq->doorbell);
	tq->control = (void *)tq->vram;
	tq->control->timebase_hz = 10000000;
	spin_lock_init(&tq->fault_lock);
	init_waitqueue_head(&tq->user_fences);
	xa_init_flags(&tq->queues, XA_FLAGS_LOCK_IRQ);
	for (class = 0; class < TQGPU_ENGINE_COUNT; class++) {
		struct tqgpu_engine *engine = &tq->engine[class];

		engine->device = tq;
		engine->class = class;
		engine->fence_context = dma_fence_context_alloc(1);
		engine->next_seqno = 1;
		spin_lock_init(&engine->lock);
		INIT_LIST_HEAD(&engine->pending);
		INIT_LIST_HEAD(&engine->waiting);
	}
	return tq;
}

#endif
