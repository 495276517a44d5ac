// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "tqgpu_fake.h"

static struct dma_fence *tqgpu_test_emit(struct kunit *test, struct tqgpu_engine *engine, u64 address)
{
	struct tqgpu_ring_entry entry = { .op = TQGPU_RING_EXECUTE, .address = address };
	struct tqgpu_fence *fence = tqgpu_fence_alloc();
	struct dma_fence *emitted;

	KUNIT_ASSERT_NOT_NULL(test, fence);
	emitted = tqgpu_engine_emit(engine, fence, &entry);
	tqgpu_fence_release(fence);
	return emitted;
}

/* The card's part: ends everything up to `seqno`. */
static void tqgpu_test_end(struct tqgpu_engine *engine, u32 seqno, u32 status)
{
	struct tqgpu_completion *completion =
		(void *)(engine->device->vram + TQGPU_COMPLETION_OFFSET(engine->class));

	completion[seqno % TQGPU_RING_ENTRIES] =
		(struct tqgpu_completion){ .seqno = seqno, .status = status, .start_ticks = 10, .end_ticks = 30 };
	engine->device->control->engine[engine->class].done_seqno = seqno;
}

static void tqgpu_engine_test_entries_lie_in_order(struct kunit *test)
{
	struct tqgpu_device *tq = tqgpu_fake_device(test);
	struct tqgpu_engine *engine = &tq->engine[TQGPU_ENGINE_COPY];
	const struct tqgpu_ring_entry *ring = (void *)(tq->vram + TQGPU_RING_OFFSET(TQGPU_ENGINE_COPY));
	u32 i;

	for (i = 0; i < TQGPU_RING_ENTRIES + 3; i++) {
		struct dma_fence *fence = tqgpu_test_emit(test, engine, 0x1000 + i);
		const struct tqgpu_ring_entry *entry = &ring[i % TQGPU_RING_ENTRIES];

		KUNIT_EXPECT_EQ(test, tq->control->engine[TQGPU_ENGINE_COPY].tail, i + 1);
		KUNIT_EXPECT_EQ(test, entry->seqno, i + 1);
		KUNIT_EXPECT_EQ(test, entry->address, 0x1000 + i);
		KUNIT_EXPECT_EQ(test, readl(tq->doorbell + 12), tq->card_peer << 16 | TQGPU_VECTOR_RING);
		tqgpu_test_end(engine, i + 1, TQGPU_COMPLETION_OK);
		tqgpu_engine_complete(engine);
		KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(fence));
		dma_fence_put(fence);
	}
}

static void tqgpu_engine_test_seqno_zero_is_skipped(struct kunit *test)
{
	struct tqgpu_device *tq = tqgpu_fake_device(test);
	struct tqgpu_engine *engine = &tq->engine[TQGPU_ENGINE_COMPUTE];
	struct dma_fence *last, *first;

	engine->next_seqno = U32_MAX;
	last = tqgpu_test_emit(test, engine, 0);
	first = tqgpu_test_emit(test, engine, 0);
	KUNIT_EXPECT_EQ(test, container_of(last, struct tqgpu_fence, base)->seqno, U32_MAX);
	KUNIT_EXPECT_EQ(test, container_of(first, struct tqgpu_fence, base)->seqno, 1);
	tqgpu_test_end(engine, U32_MAX, TQGPU_COMPLETION_OK);
	tqgpu_engine_complete(engine);
	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(last));
	KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(first));
	tqgpu_test_end(engine, 1, TQGPU_COMPLETION_OK);
	tqgpu_engine_complete(engine);
	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(first));
	dma_fence_put(last);
	dma_fence_put(first);
}

static void tqgpu_engine_test_old_cancellations_stay_behind(struct kunit *test)
{
	struct tqgpu_device *tq = tqgpu_fake_device(test);
	struct tqgpu_engine *engine = &tq->engine[TQGPU_ENGINE_COMPUTE];
	volatile struct tqgpu_engine_state *state = &tq->control->engine[TQGPU_ENGINE_COMPUTE];
	struct dma_fence *fence;

	state->cancel_seqno = 5;
	engine->next_seqno = 6 + (1u << 30) + 7; /* soon "5" would lie in the future */
	fence = tqgpu_test_emit(test, engine, 0);
	KUNIT_EXPECT_EQ(test, state->cancel_seqno, container_of(fence, struct tqgpu_fence, base)->seqno - 1);
	tqgpu_engine_fail_all(engine, -ENODEV);
	dma_fence_put(fence);
}

static void tqgpu_engine_test_outcomes_become_errors(struct kunit *test)
{
	static const struct {
		u32 status;
		int error;
	} rows[] = {
		{ TQGPU_COMPLETION_OK, 0 },
		{ TQGPU_COMPLETION_FAULT, -EFAULT },
		{ TQGPU_COMPLETION_BAD_STREAM, -EFAULT },
		{ TQGPU_COMPLETION_CANCELLED, -ECANCELED },
	};
	struct tqgpu_device *tq = tqgpu_fake_device(test);
	struct tqgpu_engine *engine = &tq->engine[TQGPU_ENGINE_COMPUTE];
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dma_fence *fence = tqgpu_test_emit(test, engine, 0);

		tqgpu_test_end(engine, container_of(fence, struct tqgpu_fence, base)->seqno, rows[i].status);
		tqgpu_engine_complete(engine);
		KUNIT_EXPECT_EQ(test, fence->error, rows[i].error);
		dma_fence_put(fence);
	}
}

static void tqgpu_engine_test_time_is_counted(struct kunit *test)
{
	struct tqgpu_device *tq = tqgpu_fake_device(test);
	struct tqgpu_engine *engine = &tq->engine[TQGPU_ENGINE_COMPUTE];
	struct tqgpu_ring_entry entry = { .op = TQGPU_RING_EXECUTE };
	struct tqgpu_fence *fence = tqgpu_fence_alloc();
	atomic64_t busy_ns = ATOMIC64_INIT(0);

	KUNIT_ASSERT_NOT_NULL(test, fence);
	fence->busy_ns = &busy_ns;
	dma_fence_put(tqgpu_engine_emit(engine, fence, &entry));
	tqgpu_test_end(engine, fence->seqno, TQGPU_COMPLETION_OK);
	tqgpu_engine_complete(engine);
	KUNIT_EXPECT_EQ(test, atomic64_read(&busy_ns), 2000); /* 20 ticks of 100 ns */
	tqgpu_fence_release(fence);
}

/* Under kmemleak and with a checked reference count. */
static void tqgpu_engine_test_unused_fences_go(struct kunit *test)
{
	struct tqgpu_fence *fence = tqgpu_fence_alloc();

	KUNIT_ASSERT_NOT_NULL(test, fence);
	tqgpu_fence_release(fence);
}

static void tqgpu_engine_test_fail_all_leaves_nothing(struct kunit *test)
{
	struct tqgpu_device *tq = tqgpu_fake_device(test);
	struct tqgpu_engine *engine = &tq->engine[TQGPU_ENGINE_COMPUTE];
	struct dma_fence *fences[4];
	int i;

	for (i = 0; i < ARRAY_SIZE(fences); i++)
		fences[i] = tqgpu_test_emit(test, engine, 0);
	tqgpu_engine_fail_all(engine, -ENODEV);
	KUNIT_EXPECT_TRUE(test, list_empty(&engine->pending));
	for (i = 0; i < ARRAY_SIZE(fences); i++) {
		KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(fences[i]));
		KUNIT_EXPECT_EQ(test, fences[i]->error, -ENODEV);
		dma_fence_put(fences[i]);
	}
}

static struct dma_fence *tqgpu_test_emit_of(struct kunit *test, struct tqgpu_engine *engine, u32 context)
{
	struct tqgpu_ring_entry entry = { .op = TQGPU_RING_EXECUTE, .context = context };
	struct tqgpu_fence *fence = tqgpu_fence_alloc();
	struct dma_fence *emitted;

	KUNIT_ASSERT_NOT_NULL(test, fence);
	emitted = tqgpu_engine_emit(engine, fence, &entry);
	tqgpu_fence_release(fence);
	return emitted;
}

/* Of the queues 1, 2, 1, 1: whichever entry runs, only those of the queue that goes are dropped. */
static void tqgpu_engine_test_drop_spares_others(struct kunit *test)
{
	static const struct {
		u32 done, drop;
		u32 cancelled; /* cancel_seqno afterwards */
		bool is_nop[4];
	} rows[] = {
		{ 0, 1, 1, { true, false, true, true } }, /* its first one runs */
		{ 1, 1, 0, { true, false, true, true } }, /* the other's runs */
		{ 2, 1, 3, { true, false, true, true } },
		{ 1, 2, 2, { false, true, false, false } },
		{ 4, 1, 0, { true, false, true, true } }, /* all have ended, and nobody has looked yet */
		{ 0, 9, 0, { false, false, false, false } },
	};
	static const u32 contexts[] = { 1, 2, 1, 1 };
	int row, i;

	for (row = 0; row < ARRAY_SIZE(rows); row++) {
		struct tqgpu_device *tq = tqgpu_fake_device(test);
		struct tqgpu_engine *engine = &tq->engine[TQGPU_ENGINE_COMPUTE];
		const struct tqgpu_ring_entry *ring = (void *)(tq->vram + TQGPU_RING_OFFSET(TQGPU_ENGINE_COMPUTE));

		for (i = 0; i < ARRAY_SIZE(contexts); i++)
			dma_fence_put(tqgpu_test_emit_of(test, engine, contexts[i]));
		tq->control->engine[TQGPU_ENGINE_COMPUTE].done_seqno = rows[row].done;
		tqgpu_engine_drop(engine, rows[row].drop);
		KUNIT_EXPECT_EQ_MSG(test, tq->control->engine[TQGPU_ENGINE_COMPUTE].cancel_seqno, rows[row].cancelled,
				    "row %d", row);
		for (i = 0; i < ARRAY_SIZE(contexts); i++)
			KUNIT_EXPECT_EQ_MSG(test, ring[i].op == TQGPU_RING_NOP, rows[row].is_nop[i], "row %d, entry %d",
					    row, i);
		tqgpu_engine_fail_all(engine, -ENODEV);
	}
}

static struct kunit_case tqgpu_engine_cases[] = {
	KUNIT_CASE(tqgpu_engine_test_entries_lie_in_order),
	KUNIT_CASE(tqgpu_engine_test_seqno_zero_is_skipped),
	KUNIT_CASE(tqgpu_engine_test_old_cancellations_stay_behind),
	KUNIT_CASE(tqgpu_engine_test_outcomes_become_errors),
	KUNIT_CASE(tqgpu_engine_test_time_is_counted),
	KUNIT_CASE(tqgpu_engine_test_unused_fences_go),
	KUNIT_CASE(tqgpu_engine_test_fail_all_leaves_nothing),
	KUNIT_CASE(tqgpu_engine_test_drop_spares_others),
	{}
};

static struct kunit_suite tqgpu_engine_suite = { .name = "tqgpu_engine", .test_cases = tqgpu_engine_cases };
kunit_test_suite(tqgpu_engine_suite);
