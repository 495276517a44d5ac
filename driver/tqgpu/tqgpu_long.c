// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Long-running queues. A dma_fence must signal soon, for memory may be waited for by it; a kernel may run for as long as it
 * likes. So the jobs of these queues have fences that never leave the driver: they tell of their end by words in memory that
 * their streams write, and WAIT_USER_FENCE sleeps until such a word is there. On the card each has a slot, and slots take turns.
 *
 * A queue has a scheduler of its own, since theirs end in no order.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <drm/drm_drv.h>
#include <drm/drm_utils.h>

#include "tqgpu_device.h"

static volatile struct tqgpu_slot *tqgpu_slot(struct tqgpu_engine *engine, u32 slot)
{
	return (volatile struct tqgpu_slot *)(engine->device->vram + TQGPU_SLOT_OFFSET) + slot;
}

struct dma_fence *tqgpu_turn_alloc(struct tqgpu_engine *engine)
{
	struct dma_fence *turn = kzalloc(sizeof(*turn), GFP_KERNEL);

	if (turn)
		dma_fence_init(turn, &tqgpu_fence_ops, &engine->lock, dma_fence_context_alloc(1), 1);
	return turn;
}

struct dma_fence *tqgpu_slot_reserve(struct tqgpu_engine *engine, struct tqgpu_fence *fence)
{
	struct dma_fence *turn = NULL;
	unsigned long irq;
	u32 slot;

	spin_lock_irqsave(&engine->lock, irq);
	if (!fence->has_slot) {
		slot = find_first_zero_bit(&engine->slots_used, TQGPU_SLOT_COUNT);
		if (slot < TQGPU_SLOT_COUNT) {
			__set_bit(slot, &engine->slots_used);
			fence->slot = slot;
			fence->has_slot = true;
		} else {
			if (list_empty(&fence->node))
				list_add_tail(&fence->node, &engine->waiting);
			turn = dma_fence_get(fence->turn);
		}
	}
	spin_unlock_irqrestore(&engine->lock, irq);
	return turn;
}

void tqgpu_slot_free(struct tqgpu_engine *engine, struct tqgpu_fence *fence)
{
	struct tqgpu_fence *next = list_first_entry_or_null(&engine->waiting, struct tqgpu_fence, node);

	fence->has_slot = false;
	if (!next) {
		__clear_bit(fence->slot, &engine->slots_used);
		return;
	}
	list_del_init(&next->node);
	next->slot = fence->slot;
	next->has_slot = true;
	dma_fence_signal_locked(next->turn);
}

void tqgpu_slot_forget(struct tqgpu_engine *engine, struct tqgpu_fence *fence)
{
	unsigned long irq;

	spin_lock_irqsave(&engine->lock, irq);
	if (fence->has_slot)
		tqgpu_slot_free(engine, fence);
	else
		list_del_init(&fence->node); /* it may have waited */
	spin_unlock_irqrestore(&engine->lock, irq);
}

void tqgpu_slot_put(struct tqgpu_engine *engine, struct tqgpu_fence *fence, const struct tqgpu_ring_entry *entry)
{
	volatile struct tqgpu_slot *slot = tqgpu_slot(engine, fence->slot);

	slot->satp = entry->satp;
	slot->address = entry->address;
	slot->size = entry->size;
	slot->context = entry->context;
	slot->flags = 0;
	wmb(); /* the work before its number, */
	slot->seqno = fence->seqno;
	wmb(); /* the number before the doorbell */
}

bool tqgpu_slot_is_done(struct tqgpu_engine *engine, const struct tqgpu_fence *fence, u32 *status, u64 *ticks)
{
	volatile struct tqgpu_slot *slot = tqgpu_slot(engine, fence->slot);

	if (slot->done_seqno != fence->seqno)
		return false;
	rmb(); /* the number before the rest */
	*status = slot->status;
	*ticks = slot->run_ticks;
	return true;
}

/* Under the engine's lock. */
void tqgpu_slots_drop(struct tqgpu_engine *engine, u32 context)
{
	struct tqgpu_fence *fence;
	bool any = false;

	list_for_each_entry(fence, &engine->pending, node) {
		volatile struct tqgpu_slot *slot = tqgpu_slot(engine, fence->slot);

		if (slot->context != context)
			continue;
		slot->cancel_seqno = fence->seqno;
		any = true;
	}
	wmb(); /* the numbers before the doorbell */
	if (any)
		tqgpu_ring_doorbell(engine->device, TQGPU_VECTOR_CANCEL);
}

void tqgpu_slots_lose(struct tqgpu_engine *engine)
{
	struct tqgpu_fence *fence;
	unsigned long irq;

	spin_lock_irqsave(&engine->lock, irq);
	engine->is_down = true;
	list_for_each_entry(fence, &engine->pending, node)
		tqgpu_queue_lost_work(fence->queue);
	spin_unlock_irqrestore(&engine->lock, irq);
	tqgpu_engine_fail_all(engine, -ECANCELED);
}

void tqgpu_slots_come_up(struct tqgpu_engine *engine)
{
	unsigned long irq;

	spin_lock_irqsave(&engine->lock, irq);
	engine->is_down = false;
	spin_unlock_irqrestore(&engine->lock, irq);
}

/* Its jobs run one after the other, each in any slot. */
static struct dma_fence *tqgpu_long_prepare(struct drm_sched_job *sched_job, struct drm_sched_entity *entity)
{
	struct tqgpu_job *job = to_tqgpu_job(sched_job);

	return tqgpu_slot_reserve(job->queue->engine, job->hw);
}

static const struct drm_sched_backend_ops tqgpu_long_sched_ops = {
	.prepare_job = tqgpu_long_prepare,
	.run_job = tqgpu_job_run,
	.timedout_job = tqgpu_job_timed_out, /* never: they may take as long as they like */
	.free_job = tqgpu_job_free,
};

int tqgpu_long_init(struct tqgpu_queue *queue)
{
	const struct drm_sched_init_args args = {
		.ops = &tqgpu_long_sched_ops,
		.submit_wq = tqgpu_wq,
		.num_rqs = DRM_SCHED_PRIORITY_COUNT,
		.credit_limit = 1,
		.timeout = MAX_SCHEDULE_TIMEOUT,
		.name = "tqgpu-long",
		.dev = queue->device->drm.dev,
	};
	int err;

	queue->sched = kzalloc(sizeof(*queue->sched), GFP_KERNEL);
	if (!queue->sched)
		return -ENOMEM;
	err = drm_sched_init(queue->sched, &args);
	if (err) {
		kfree(queue->sched);
		queue->sched = NULL;
	}
	return err;
}

void tqgpu_long_fini(struct tqgpu_queue *queue)
{
	if (!queue->sched)
		return;
	drm_sched_fini(queue->sched);
	kfree(queue->sched);
}

/* Whether nobody will write the word any more, and why. */
static int tqgpu_user_fence_hopeless(struct tqgpu_queue *queue, u32 epoch)
{
	struct tqgpu_device *tq = queue->device;

	if (READ_ONCE(tq->wedged) || drm_dev_is_unplugged(&tq->drm))
		return -ENODEV;
	if (READ_ONCE(queue->vm->banned) || atomic_read(&queue->flags) & DRM_TQGPU_QUEUE_BANNED ||
	    atomic_read(&queue->vm->reset_epoch) != epoch)
		return -ECANCELED;
	return 0;
}

static int tqgpu_user_fence_wait(struct tqgpu_queue *queue, u64 address, u64 value, long timeout)
{
	u32 epoch = atomic_read(&queue->vm->reset_epoch);
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int hopeless, err;
	u64 word;

	add_wait_queue(&queue->device->user_fences, &wait);
	for (;;) {
		hopeless = tqgpu_user_fence_hopeless(queue, epoch);
		rmb(); /* a last write before the ban is seen */
		err = copy_from_user(&word, u64_to_user_ptr(address), sizeof(word)) ? -EFAULT : 0;
		if (err || word >= value)
			break;
		err = hopeless;
		if (!err && signal_pending(current))
			err = -ERESTARTSYS;
		if (!err && timeout <= 0)
			err = -ETIME;
		if (err)
			break;
		timeout = wait_woken(&wait, TASK_INTERRUPTIBLE, timeout);
	}
	remove_wait_queue(&queue->device->user_fences, &wait);
	return err;
}

int tqgpu_ioctl_wait_user_fence(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_tqgpu_wait_user_fence *args = data;
	struct tqgpu_queue *queue;
	int err;

	if (args->flags || args->address & 7)
		return -EINVAL;
	queue = tqgpu_queue_lookup(file->driver_priv, args->queue_id);
	if (!queue)
		return -ENOENT;
	err = tqgpu_user_fence_wait(queue, args->address, args->value, drm_timeout_abs_to_jiffies(args->deadline_ns));
	tqgpu_queue_put(queue);
	return err;
}

#ifdef CONFIG_TQGPU_KUNIT
#include "kunit/tqgpu_long_kunit.c"
#endif
