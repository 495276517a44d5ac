// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Queues: an entity of an engine's scheduler, in an address space. */
#include <linux/slab.h>

#include <drm/drm_drv.h>

#include "tqgpu_device.h"

static void tqgpu_queue_free(struct tqgpu_queue *queue)
{
	unsigned long irq;

	/* Fault records are looked up from interrupts. */
	xa_lock_irqsave(&queue->device->queues, irq);
	__xa_erase(&queue->device->queues, queue->context);
	xa_unlock_irqrestore(&queue->device->queues, irq);
	tqgpu_long_fini(queue);
	tqgpu_vm_put(queue->vm);
	mutex_destroy(&queue->submit_lock);
	kfree(queue);
}

static void tqgpu_queue_release_work(struct work_struct *work)
{
	struct tqgpu_queue *queue = container_of(work, struct tqgpu_queue, release);
	struct drm_device *drm = &queue->device->drm;

	tqgpu_queue_free(queue);
	drm_dev_put(drm);
}

static void tqgpu_queue_release(struct kref *refs)
{
	struct tqgpu_queue *queue = container_of(refs, struct tqgpu_queue, refs);

	if (!queue->sched) {
		tqgpu_queue_free(queue);
		return;
	}
	/* Its last job may be what gives the last reference up, in a work of the scheduler that goes. */
	drm_dev_get(&queue->device->drm);
	queue_work(tqgpu_wq, &queue->release);
}

void tqgpu_queue_lost_work(struct tqgpu_queue *queue)
{
	atomic_or(DRM_TQGPU_QUEUE_INNOCENT, &queue->flags);
	atomic_inc(&queue->vm->reset_epoch);
}

void tqgpu_queue_put(struct tqgpu_queue *queue)
{
	kref_put(&queue->refs, tqgpu_queue_release);
}

void tqgpu_queue_close(struct tqgpu_queue *queue)
{
	int idx;

	mutex_lock(&queue->submit_lock);
	atomic_or(DRM_TQGPU_QUEUE_BANNED, &queue->flags);
	mutex_unlock(&queue->submit_lock);
	/* An endless kernel of a process that was killed would else hold the engine until its job times out. */
	if (drm_dev_enter(&queue->device->drm, &idx)) {
		tqgpu_engine_drop(queue->engine, queue->context);
		drm_dev_exit(idx);
	}
	/* Not drm_sched_entity_destroy(), which waits a while for what has not begun. */
	drm_sched_entity_fini(&queue->entity);
	wake_up_all(&queue->device->user_fences);
	tqgpu_queue_put(queue);
}

struct tqgpu_queue *tqgpu_queue_lookup(struct tqgpu_file *file, u32 id)
{
	struct tqgpu_queue *queue;

	xa_lock(&file->queues);
	queue = xa_load(&file->queues, id);
	if (queue)
		kref_get(&queue->refs);
	xa_unlock(&file->queues);
	return queue;
}

static const enum drm_sched_priority tqgpu_priorities[] = {
	[DRM_TQGPU_PRIORITY_LOW] = DRM_SCHED_PRIORITY_LOW,
	[DRM_TQGPU_PRIORITY_NORMAL] = DRM_SCHED_PRIORITY_NORMAL,
	[DRM_TQGPU_PRIORITY_HIGH] = DRM_SCHED_PRIORITY_HIGH,
};

/* Takes over the reference of `vm`, also when it fails. */
static struct tqgpu_queue *tqgpu_queue_create(struct tqgpu_device *tq, struct tqgpu_vm *vm,
					      const struct drm_tqgpu_queue_create *args)
{
	bool is_long = args->flags & DRM_TQGPU_QUEUE_LONG_RUNNING;
	struct tqgpu_engine *engine = &tq->engine[is_long ? TQGPU_ENGINE_LONG : args->queue_class];
	struct drm_gpu_scheduler *sched = &engine->sched;
	struct tqgpu_queue *queue;
	int err;

	queue = kzalloc(sizeof(*queue), GFP_KERNEL);
	if (!queue) {
		tqgpu_vm_put(vm);
		return ERR_PTR(-ENOMEM);
	}
	kref_init(&queue->refs);
	mutex_init(&queue->submit_lock);
	queue->device = tq;
	queue->vm = vm;
	queue->engine = engine;
	INIT_WORK(&queue->release, tqgpu_queue_release_work);
	if (is_long) {
		err = tqgpu_long_init(queue);
		if (err)
			goto free;
		sched = queue->sched;
	}
	err = drm_sched_entity_init(&queue->entity, tqgpu_priorities[args->priority], &sched, 1, NULL);
	if (err)
		goto free;
	err = xa_alloc_irq(&tq->queues, &queue->context, queue, xa_limit_31b, GFP_KERNEL);
	if (err) {
		drm_sched_entity_destroy(&queue->entity);
		goto free;
	}
	return queue;
free:
	tqgpu_long_fini(queue);
	tqgpu_vm_put(vm);
	mutex_destroy(&queue->submit_lock);
	kfree(queue);
	return ERR_PTR(err);
}

int tqgpu_ioctl_queue_create(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct tqgpu_file *tqfile = file->driver_priv;
	struct drm_tqgpu_queue_create *args = data;
	struct tqgpu_queue *queue;
	struct tqgpu_vm *vm;
	int err;

	if (args->flags & ~DRM_TQGPU_QUEUE_LONG_RUNNING || args->pad || args->queue_class > DRM_TQGPU_QUEUE_COPY ||
	    args->priority > DRM_TQGPU_PRIORITY_HIGH)
		return -EINVAL;
	if (args->flags & DRM_TQGPU_QUEUE_LONG_RUNNING && args->queue_class != DRM_TQGPU_QUEUE_COMPUTE)
		return -EINVAL;
	if (args->priority == DRM_TQGPU_PRIORITY_HIGH && !capable(CAP_SYS_NICE))
		return -EACCES;
	vm = tqgpu_vm_lookup(tqfile, args->vm_id);
	if (!vm)
		return -ENOENT;
	queue = tqgpu_queue_create(to_tqgpu(drm), vm, args);
	if (IS_ERR(queue))
		return PTR_ERR(queue);
	err = xa_alloc(&tqfile->queues, &args->queue_id, queue, XA_LIMIT(1, TQGPU_MAX_QUEUES), GFP_KERNEL);
	if (err)
		tqgpu_queue_close(queue);
	else
		queue->id = args->queue_id;
	return err == -EBUSY ? -ENOSPC : err;
}

int tqgpu_ioctl_queue_destroy(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct tqgpu_file *tqfile = file->driver_priv;
	struct drm_tqgpu_queue_destroy *args = data;
	struct tqgpu_queue *queue;

	if (args->pad)
		return -EINVAL;
	queue = xa_erase(&tqfile->queues, args->queue_id);
	if (!queue)
		return -ENOENT;
	atomic64_add(atomic64_read(&queue->busy_ns), &tqfile->busy_ns[tqgpu_queue_class(queue)]);
	tqgpu_queue_close(queue);
	return 0;
}

int tqgpu_ioctl_queue_get_state(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_tqgpu_queue_get_state *args = data;
	struct tqgpu_queue *queue;

	queue = tqgpu_queue_lookup(file->driver_priv, args->queue_id);
	if (!queue)
		return -ENOENT;
	args->flags = atomic_read(&queue->flags);
	if (READ_ONCE(queue->vm->banned))
		args->flags |= DRM_TQGPU_QUEUE_BANNED;
	tqgpu_queue_put(queue);
	return 0;
}
