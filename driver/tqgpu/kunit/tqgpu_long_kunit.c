// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "tqgpu_fake.h"

static struct tqgpu_engine *tqgpu_test_slots(struct kunit *test)
{
	return &tqgpu_fake_device(test)->engine[TQGPU_ENGINE_LONG];
}

static struct dma_fence *tqgpu_test_emit_long(struct kunit *test, struct tqgpu_engine *engine, u32 context,
					      struct tqgpu_queue *queue)
{
	struct tqgpu_ring_entry entry = { .op = TQGPU_RING_EXECUTE, .satp = 3, .address = 0x1000 * context, .size = 64,
					  .context = context };
	struct tqgpu_fence *fence = tqgpu_fence_alloc();
	struct dma_fence *emitted;

	KUNIT_ASSERT_NOT_NULL(test, fence);
	KUNIT_ASSERT_NULL(test, tqgpu_slot_reserve(engine, fence));
	fence->queue = queue;
	emitted = tqgpu_engine_emit(engine, fence, &entry);
	if (IS_ERR(emitted))
		tqgpu_slot_forget(engine, fence);
	tqgpu_fence_release(fence);
	return emitted;
}

static void tqgpu_test_end_slot(struct tqgpu_engine *engine, u32 slot, u32 status)
{
	volatile struct tqgpu_slot *to = tqgpu_slot(engine, slot);

	to->status = status;
	to->run_ticks = 20;
	to->done_seqno = to->seqno;
}

static void tqgpu_long_test_slots_end_in_any_order(struct kunit *test)
{
	struct tqgpu_engine *engine = tqgpu_test_slots(test);
	struct dma_fence *fences[3];
	int i;

	for (i = 0; i < ARRAY_SIZE(fences); i++) {
		fences[i] = tqgpu_test_emit_long(test, engine, i + 1, NULL);
		KUNIT_EXPECT_EQ(test, tqgpu_slot(engine, i)->context, i + 1);
		KUNIT_EXPECT_EQ(test, tqgpu_slot(engine, i)->address, 0x1000 * (i + 1));
		KUNIT_EXPECT_EQ(test, tqgpu_slot(engine, i)->seqno, i + 1);
	}
	tqgpu_test_end_slot(engine, 2, TQGPU_COMPLETION_OK);
	tqgpu_test_end_slot(engine, 1, TQGPU_COMPLETION_FAULT);
	tqgpu_engine_complete(engine);
	KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(fences[0]));
	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(fences[1]));
	KUNIT_EXPECT_EQ(test, fences[1]->error, -EFAULT);
	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(fences[2]));
	KUNIT_EXPECT_EQ(test, fences[2]->error, 0);
	KUNIT_EXPECT_EQ(test, engine->slots_used, 1);
	tqgpu_engine_fail_all(engine, -ENODEV);
	KUNIT_EXPECT_EQ(test, fences[0]->error, -ENODEV);
	KUNIT_EXPECT_EQ(test, engine->slots_used, 0);
	for (i = 0; i < ARRAY_SIZE(fences); i++)
		dma_fence_put(fences[i]);
}

/* Whichever slot is free first goes to who has waited longest, and who gives up is not waited for. */
static void tqgpu_long_test_more_than_there_are_slots_wait(struct kunit *test)
{
	struct tqgpu_engine *engine = tqgpu_test_slots(test);
	struct tqgpu_fence *waiting[3];
	struct dma_fence *turn;
	u32 i;

	for (i = 0; i < TQGPU_SLOT_COUNT; i++)
		dma_fence_put(tqgpu_test_emit_long(test, engine, i + 1, NULL));
	for (i = 0; i < ARRAY_SIZE(waiting); i++) {
		waiting[i] = tqgpu_fence_alloc();
		KUNIT_ASSERT_NOT_NULL(test, waiting[i]);
		waiting[i]->turn = tqgpu_turn_alloc(engine);
		KUNIT_ASSERT_NOT_NULL(test, waiting[i]->turn);
		turn = tqgpu_slot_reserve(engine, waiting[i]);
		KUNIT_EXPECT_PTR_EQ(test, turn, waiting[i]->turn);
		dma_fence_put(turn);
	}
	tqgpu_slot_forget(engine, waiting[0]);
	tqgpu_test_end_slot(engine, 7, TQGPU_COMPLETION_OK);
	tqgpu_engine_complete(engine);
	KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(waiting[0]->turn));
	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(waiting[1]->turn));
	KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(waiting[2]->turn));
	KUNIT_EXPECT_NULL(test, tqgpu_slot_reserve(engine, waiting[1]));
	KUNIT_EXPECT_EQ(test, waiting[1]->slot, 7);
	tqgpu_slot_forget(engine, waiting[1]); /* not emitted after all: the next one's */
	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(waiting[2]->turn));
	KUNIT_EXPECT_EQ(test, waiting[2]->slot, 7);
	tqgpu_slot_forget(engine, waiting[2]);
	for (i = 0; i < ARRAY_SIZE(waiting); i++) {
		dma_fence_put(waiting[i]->turn);
		tqgpu_fence_release(waiting[i]);
	}
	tqgpu_engine_fail_all(engine, -ENODEV);
	KUNIT_EXPECT_EQ(test, engine->slots_used, 0);
}

static void tqgpu_long_test_drop_cancels_the_queues_own(struct kunit *test)
{
	struct tqgpu_engine *engine = tqgpu_test_slots(test);
	int i;

	for (i = 0; i < 2; i++)
		dma_fence_put(tqgpu_test_emit_long(test, engine, i + 1, NULL));
	tqgpu_engine_drop(engine, 2);
	KUNIT_EXPECT_EQ(test, tqgpu_slot(engine, 0)->cancel_seqno, 0);
	KUNIT_EXPECT_EQ(test, tqgpu_slot(engine, 1)->cancel_seqno, 2);
	KUNIT_EXPECT_EQ(test, readl(engine->device->doorbell + 12), TQGPU_VECTOR_CANCEL);
	tqgpu_engine_fail_all(engine, -ENODEV);
}

static void tqgpu_long_test_a_restart_loses_work_and_takes_none(struct kunit *test)
{
	struct tqgpu_engine *engine = tqgpu_test_slots(test);
	struct tqgpu_queue *queue = kunit_kzalloc(test, sizeof(*queue), GFP_KERNEL);
	struct tqgpu_vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);
	struct dma_fence *fence;

	KUNIT_ASSERT_NOT_NULL(test, queue);
	KUNIT_ASSERT_NOT_NULL(test, vm);
	queue->vm = vm;
	fence = tqgpu_test_emit_long(test, engine, 1, queue);
	tqgpu_slots_lose(engine);
	KUNIT_EXPECT_EQ(test, fence->error, -ECANCELED);
	KUNIT_EXPECT_EQ(test, atomic_read(&queue->flags), DRM_TQGPU_QUEUE_INNOCENT);
	KUNIT_EXPECT_EQ(test, atomic_read(&vm->reset_epoch), 1);
	KUNIT_EXPECT_EQ(test, PTR_ERR(tqgpu_test_emit_long(test, engine, 1, queue)), -ECANCELED);
	KUNIT_EXPECT_EQ(test, engine->slots_used, 0);
	dma_fence_put(fence);
	tqgpu_slots_come_up(engine);
	fence = tqgpu_test_emit_long(test, engine, 1, queue);
	KUNIT_EXPECT_FALSE(test, IS_ERR(fence));
	tqgpu_engine_fail_all(engine, -ENODEV);
	dma_fence_put(fence);
}

static struct kunit_case tqgpu_long_cases[] = {
	KUNIT_CASE(tqgpu_long_test_slots_end_in_any_order),
	KUNIT_CASE(tqgpu_long_test_more_than_there_are_slots_wait),
	KUNIT_CASE(tqgpu_long_test_drop_cancels_the_queues_own),
	KUNIT_CASE(tqgpu_long_test_a_restart_loses_work_and_takes_none),
	{}
};

static struct kunit_suite tqgpu_long_suite = { .name = "tqgpu_long", .test_cases = tqgpu_long_cases };
kunit_test_suite(tqgpu_long_suite);
