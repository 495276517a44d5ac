// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Rings, the fences of their entries, and the control ring. */
#include <linux/slab.h>

#include <drm/drm_managed.h>

#include "tqgpu_device.h"
#include "tqgpu_trace.h"

#define TQGPU_CONTROL_TIMEOUT (5 * HZ)

void tqgpu_ring_doorbell(struct tqgpu_device *tq, enum tqgpu_card_vector vector)
{
	writel(tq->card_peer << 16 | vector, tq->doorbell + 12);
}

static const char *tqgpu_fence_driver_name(struct dma_fence *fence)
{
	return TQGPU_NAME;
}

static const char *tqgpu_fence_timeline_name(struct dma_fence *fence)
{
	return "ring";
}

const struct dma_fence_ops tqgpu_fence_ops = {
	.get_driver_name = tqgpu_fence_driver_name,
	.get_timeline_name = tqgpu_fence_timeline_name,
};

struct tqgpu_fence *tqgpu_fence_alloc(void)
{
	struct tqgpu_fence *fence = kzalloc(sizeof(*fence), GFP_KERNEL);

	if (fence)
		INIT_LIST_HEAD(&fence->node);
	return fence;
}

void tqgpu_fence_release(struct tqgpu_fence *fence)
{
	if (fence->seqno)
		dma_fence_put(&fence->base);
	else
		kfree(fence); /* never emitted: it counts nothing yet */
}

/* Under the engine's lock. */
static void tqgpu_ring_put(struct tqgpu_engine *engine, struct tqgpu_fence *fence, const struct tqgpu_ring_entry *entry)
{
	struct tqgpu_device *tq = engine->device;
	volatile struct tqgpu_engine_state *state = &tq->control->engine[engine->class];
	struct tqgpu_ring_entry *ring = (void *)(tq->vram + TQGPU_RING_OFFSET(engine->class));

	/* A number that was cancelled long ago must not seem to lie ahead when the counter has come halfway round. */
	if ((s32)(fence->seqno - state->cancel_seqno) > 1 << 30)
		state->cancel_seqno = fence->seqno - 1;
	/* There is room: the scheduler holds back what the ring has no credit for. */
	fence->entry = &ring[state->tail % TQGPU_RING_ENTRIES];
	memcpy(fence->entry, entry, sizeof(*entry));
	wmb(); /* the entry before the tail, */
	state->tail++;
	wmb(); /* the tail before the doorbell */
}

struct dma_fence *tqgpu_engine_emit(struct tqgpu_engine *engine, struct tqgpu_fence *fence,
				    struct tqgpu_ring_entry *entry)
{
	unsigned long irq;

	spin_lock_irqsave(&engine->lock, irq);
	if (engine->is_down) {
		spin_unlock_irqrestore(&engine->lock, irq);
		return ERR_PTR(-ECANCELED);
	}
	fence->seqno = engine->next_seqno++;
	if (!engine->next_seqno)
		engine->next_seqno = 1;
	/* Slots end in no order. */
	dma_fence_init(&fence->base, &tqgpu_fence_ops, &engine->lock, engine->fence_context + fence->slot, fence->seqno);
	list_add_tail(&fence->node, &engine->pending);
	dma_fence_get(&fence->base); /* of pending */
	entry->seqno = fence->seqno;
	if (engine->class == TQGPU_ENGINE_LONG)
		tqgpu_slot_put(engine, fence, entry);
	else
		tqgpu_ring_put(engine, fence, entry);
	spin_unlock_irqrestore(&engine->lock, irq);

	trace_tqgpu_emit(engine->class, entry->seqno, entry->context, entry->op);
	tqgpu_ring_doorbell(engine->device, TQGPU_VECTOR_RING);
	return dma_fence_get(&fence->base);
}

/* Under the engine's lock: the card has ended `fence`. */
static void tqgpu_fence_complete(struct tqgpu_engine *engine, struct tqgpu_fence *fence, u32 status, u64 ticks)
{
	if (status != TQGPU_COMPLETION_OK)
		dma_fence_set_error(&fence->base, status == TQGPU_COMPLETION_CANCELLED ? -ECANCELED : -EFAULT);
	if (fence->busy_ns)
		atomic64_add(ticks * NSEC_PER_SEC / engine->device->control->timebase_hz, fence->busy_ns);
	trace_tqgpu_complete(engine->class, fence->seqno, status, ticks);
	dma_fence_signal_locked(&fence->base);
}

static bool tqgpu_ring_is_done(struct tqgpu_engine *engine, const struct tqgpu_fence *fence, u32 *status, u64 *ticks)
{
	const struct tqgpu_completion *completions =
		(const void *)(engine->device->vram + TQGPU_COMPLETION_OFFSET(engine->class));
	const struct tqgpu_completion *completion = &completions[fence->seqno % TQGPU_RING_ENTRIES];
	u32 done = READ_ONCE(engine->device->control->engine[engine->class].done_seqno);

	if ((s32)(done - fence->seqno) < 0)
		return false;
	rmb(); /* done_seqno before the completion */
	*status = completion->seqno == fence->seqno ? completion->status : TQGPU_COMPLETION_OK;
	*ticks = completion->end_ticks - completion->start_ticks;
	return true;
}

void tqgpu_engine_complete(struct tqgpu_engine *engine)
{
	bool has_slots = engine->class == TQGPU_ENGINE_LONG;
	struct tqgpu_fence *fence, *next;
	LIST_HEAD(signalled);
	unsigned long irq;
	u32 status;
	u64 ticks;

	spin_lock_irqsave(&engine->lock, irq);
	list_for_each_entry_safe(fence, next, &engine->pending, node) {
		if (has_slots ? !tqgpu_slot_is_done(engine, fence, &status, &ticks) :
				!tqgpu_ring_is_done(engine, fence, &status, &ticks)) {
			if (has_slots)
				continue;
			break;
		}
		list_move_tail(&fence->node, &signalled);
		if (has_slots)
			tqgpu_slot_free(engine, fence);
		tqgpu_fence_complete(engine, fence, status, ticks);
	}
	spin_unlock_irqrestore(&engine->lock, irq);
	list_for_each_entry_safe(fence, next, &signalled, node) {
		list_del_init(&fence->node);
		dma_fence_put(&fence->base);
	}
}

void tqgpu_engine_fail_all(struct tqgpu_engine *engine, int error)
{
	struct tqgpu_fence *fence, *next;
	LIST_HEAD(failed);
	unsigned long irq;

	spin_lock_irqsave(&engine->lock, irq);
	list_splice_init(&engine->pending, &failed);
	list_for_each_entry(fence, &failed, node) {
		if (engine->class == TQGPU_ENGINE_LONG)
			tqgpu_slot_free(engine, fence);
		dma_fence_set_error(&fence->base, error);
		dma_fence_signal_locked(&fence->base);
	}
	spin_unlock_irqrestore(&engine->lock, irq);
	list_for_each_entry_safe(fence, next, &failed, node) {
		list_del_init(&fence->node);
		dma_fence_put(&fence->base);
	}
}

/* The number up to which work is to be dropped only grows. Under the engine's lock. */
static void tqgpu_engine_cancel_locked(struct tqgpu_engine *engine, u32 seqno)
{
	volatile struct tqgpu_engine_state *state = &engine->device->control->engine[engine->class];

	if ((s32)(seqno - state->cancel_seqno) > 0)
		state->cancel_seqno = seqno;
	wmb(); /* the number before the doorbell */
	tqgpu_ring_doorbell(engine->device, TQGPU_VECTOR_CANCEL);
}

void tqgpu_engine_cancel_upto(struct tqgpu_engine *engine, u32 seqno)
{
	unsigned long irq;

	spin_lock_irqsave(&engine->lock, irq);
	tqgpu_engine_cancel_locked(engine, seqno);
	spin_unlock_irqrestore(&engine->lock, irq);
}

void tqgpu_engine_drop(struct tqgpu_engine *engine, u32 context)
{
	struct tqgpu_fence *fence;
	unsigned long irq;
	u32 done;

	spin_lock_irqsave(&engine->lock, irq);
	if (engine->class == TQGPU_ENGINE_LONG) {
		tqgpu_slots_drop(engine, context);
		spin_unlock_irqrestore(&engine->lock, irq);
		return;
	}
	list_for_each_entry(fence, &engine->pending, node) {
		if (fence->entry->context == context)
			WRITE_ONCE(fence->entry->op, TQGPU_RING_NOP);
	}
	mb(); /* an entry that the card takes after we look at how far it is, does nothing */
	done = READ_ONCE(engine->device->control->engine[engine->class].done_seqno);
	/* Entries run one after the other: only the first that has not ended may be at work. */
	list_for_each_entry(fence, &engine->pending, node) {
		if ((s32)(done - fence->seqno) >= 0)
			continue;
		if (fence->entry->context == context)
			tqgpu_engine_cancel_locked(engine, fence->seqno);
		break;
	}
	spin_unlock_irqrestore(&engine->lock, irq);
}

int tqgpu_control(struct tqgpu_device *tq, struct tqgpu_fence *hw, enum tqgpu_ring_op op, u64 address, u64 size)
{
	struct tqgpu_ring_entry entry = { .op = op, .address = address, .size = size };
	struct tqgpu_engine *engine = &tq->engine[TQGPU_ENGINE_CONTROL];
	struct dma_fence *fence;
	long left;
	int err;

	mutex_lock(&tq->control_lock);
	fence = tqgpu_engine_emit(engine, hw, &entry); /* the control engine is never down */
	left = dma_fence_wait_timeout(fence, false, TQGPU_CONTROL_TIMEOUT);
	if (left > 0) {
		err = fence->error ? -EIO : 0;
	} else {
		drm_err(&tq->drm, "the command processor does not answer request %u\n", op);
		tqgpu_engine_fail_all(engine, -ETIMEDOUT);
		queue_work(tqgpu_wq, &tq->reset_work);
		err = -ETIMEDOUT;
	}
	mutex_unlock(&tq->control_lock);
	dma_fence_put(fence);
	return err;
}

static const char *const tqgpu_engine_names[] = { "tqgpu-compute", "tqgpu-copy", "tqgpu-control", "tqgpu-long" };

/* With the last open file, not with the card: entities of queues point into the scheduler. */
static void tqgpu_engine_release(struct drm_device *drm, void *sched)
{
	drm_sched_fini(sched);
}

int tqgpu_engine_init(struct tqgpu_device *tq)
{
	int class, err;

	err = drmm_mutex_init(&tq->drm, &tq->control_lock);
	if (err)
		return err;
	for (class = 0; class < TQGPU_ENGINE_COUNT; class++) {
		struct tqgpu_engine *engine = &tq->engine[class];
		const struct drm_sched_init_args args = {
			.ops = &tqgpu_engine_sched_ops,
			.num_rqs = DRM_SCHED_PRIORITY_COUNT,
			.credit_limit = TQGPU_RING_ENTRIES / 2,
			.timeout = msecs_to_jiffies(tqgpu_job_timeout_ms),
			.name = tqgpu_engine_names[class],
			.dev = tq->drm.dev,
		};

		engine->device = tq;
		engine->class = class;
		engine->fence_context = dma_fence_context_alloc(class == TQGPU_ENGINE_LONG ? TQGPU_SLOT_COUNT : 1);
		engine->next_seqno = 1;
		spin_lock_init(&engine->lock);
		INIT_LIST_HEAD(&engine->pending);
		INIT_LIST_HEAD(&engine->waiting);
		if (class >= TQGPU_ENGINE_CONTROL)
			continue;
		err = drm_sched_init(&engine->sched, &args);
		if (!err)
			err = drmm_add_action_or_reset(&tq->drm, tqgpu_engine_release, &engine->sched);
		if (err)
			return err;
	}
	return 0;
}

#ifdef CONFIG_TQGPU_KUNIT
#include "kunit/tqgpu_engine_kunit.c"
#endif
