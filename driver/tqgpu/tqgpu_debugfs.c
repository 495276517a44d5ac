// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* debugfs: the firmware's log, queues, and faults to order. */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include <drm/drm_debugfs.h>
#include <drm/drm_drv.h>

#include "tqgpu_device.h"

static int tqgpu_log_show(struct seq_file *seq, void *unused)
{
	struct tqgpu_device *tq = seq->private;
	u32 tail, at;
	int idx;

	if (!drm_dev_enter(&tq->drm, &idx))
		return -ENODEV;
	tail = tq->control->log_tail;
	for (at = tail > TQGPU_LOG_SIZE ? tail - TQGPU_LOG_SIZE : 0; at != tail; at++)
		seq_putc(seq, tq->vram[TQGPU_LOG_OFFSET + at % TQGPU_LOG_SIZE]);
	drm_dev_exit(idx);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(tqgpu_log);

static int tqgpu_queues_show(struct seq_file *seq, void *unused)
{
	struct tqgpu_device *tq = seq->private;
	struct tqgpu_queue *queue;
	unsigned long context;

	xa_lock_irq(&tq->queues);
	xa_for_each(&tq->queues, context, queue)
		seq_printf(seq, "queue %lu: engine %d asid %u flags %#x busy %lld ns\n", context, queue->engine->class,
			   queue->vm->asid, atomic_read(&queue->flags), atomic64_read(&queue->busy_ns));
	xa_unlock_irq(&tq->queues);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(tqgpu_queues);

/* TQGPU_INJECT_*: what the firmware is to do wrong. */
static int tqgpu_inject_set(void *data, u64 value)
{
	struct tqgpu_device *tq = data;
	int idx;

	if (!drm_dev_enter(&tq->drm, &idx))
		return -ENODEV;
	tq->control->inject = value;
	tqgpu_ring_doorbell(tq, TQGPU_VECTOR_RING);
	drm_dev_exit(idx);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(tqgpu_inject_fops, NULL, tqgpu_inject_set, "%llu\n");

static int tqgpu_reset_set(void *data, u64 value)
{
	struct tqgpu_device *tq = data;

	queue_work(tqgpu_wq, &tq->reset_work);
	flush_work(&tq->reset_work);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(tqgpu_reset_fops, NULL, tqgpu_reset_set, "%llu\n");

void tqgpu_debugfs_init(struct drm_minor *minor)
{
	struct tqgpu_device *tq = to_tqgpu(minor->dev);

	debugfs_create_file("firmware_log", 0400, minor->debugfs_root, tq, &tqgpu_log_fops);
	debugfs_create_file("queues", 0400, minor->debugfs_root, tq, &tqgpu_queues_fops);
	debugfs_create_file("inject", 0200, minor->debugfs_root, tq, &tqgpu_inject_fops);
	debugfs_create_file("reset", 0200, minor->debugfs_root, tq, &tqgpu_reset_fops);
}
