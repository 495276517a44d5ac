// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* SUBMIT, and the jobs' way through the scheduler into a ring. */
#include <linux/slab.h>

#include <drm/drm_drv.h>

#include "tqgpu_device.h"

#define TQGPU_MAX_JOBS 256

static void tqgpu_job_release(struct tqgpu_job *job)
{
	if (job->hw->turn) {
		if (!job->hw->seqno)
			tqgpu_slot_forget(job->queue->engine, job->hw); /* it was dropped before it ran */
		dma_fence_put(job->hw->turn);
	}
	tqgpu_fence_release(job->hw);
	tqgpu_queue_put(job->queue);
	kfree(job);
}

struct dma_fence *tqgpu_job_run(struct drm_sched_job *sched_job)
{
	struct tqgpu_job *job = to_tqgpu_job(sched_job);
	struct tqgpu_queue *queue = job->queue;
	struct tqgpu_device *tq = queue->device;
	struct tqgpu_ring_entry entry = {
		.op = TQGPU_RING_EXECUTE,
		.satp = tqgpu_pt_satp(&queue->vm->pt, queue->vm->asid),
		.address = job->stream_va,
		.size = job->stream_size,
		.context = queue->context,
	};
	struct dma_fence *fence;
	int idx;

	if (READ_ONCE(queue->vm->banned) || atomic_read(&queue->flags) & DRM_TQGPU_QUEUE_BANNED) {
		fence = ERR_PTR(-ECANCELED);
	} else if (!drm_dev_enter(&tq->drm, &idx)) {
		fence = ERR_PTR(-ENODEV);
	} else {
		job->hw->busy_ns = &queue->busy_ns;
		job->hw->queue = queue;
		fence = READ_ONCE(tq->wedged) ? ERR_PTR(-ENODEV) : tqgpu_engine_emit(queue->engine, job->hw, &entry);
		if (!IS_ERR(fence) && atomic_read(&queue->flags) & DRM_TQGPU_QUEUE_BANNED)
			tqgpu_engine_drop(queue->engine, queue->context); /* closed meanwhile */
		drm_dev_exit(idx);
	}
	if (IS_ERR(fence) && queue->sched) {
		if (PTR_ERR(fence) == -ECANCELED && !(atomic_read(&queue->flags) & DRM_TQGPU_QUEUE_BANNED))
			tqgpu_queue_lost_work(queue); /* the card restarts */
		tqgpu_slot_forget(queue->engine, job->hw);
		wake_up_all(&tq->user_fences);
	}
	return fence;
}

/* drm_sched_stop() lets go of every job in flight, and drm_sched_start() takes a job without its fence for lost. Those that
 * the card still has are not. */
static void tqgpu_jobs_keep(struct drm_gpu_scheduler *sched)
{
	struct drm_sched_job *sched_job;

	list_for_each_entry(sched_job, &sched->pending_list, list) {
		if (!sched_job->s_fence->parent)
			sched_job->s_fence->parent = dma_fence_get(&to_tqgpu_job(sched_job)->hw->base);
	}
}

enum drm_gpu_sched_stat tqgpu_job_timed_out(struct drm_sched_job *sched_job)
{
	struct tqgpu_job *job = to_tqgpu_job(sched_job);
	struct tqgpu_engine *engine = job->queue->engine;
	struct tqgpu_device *tq = engine->device;
	bool is_card_well = true;
	int idx;

	if (!drm_dev_enter(&tq->drm, &idx))
		return DRM_GPU_SCHED_STAT_ENODEV;
	drm_sched_stop(&engine->sched, sched_job);
	tqgpu_engine_complete(engine); /* perhaps only the interrupt was lost */
	if (!dma_fence_is_signaled(&job->hw->base)) {
		drm_err(&tq->drm, "queue %u: job %u runs for more than %u ms\n", job->queue->context, job->hw->seqno,
			tqgpu_job_timeout_ms);
		atomic_or(DRM_TQGPU_QUEUE_TIMED_OUT | DRM_TQGPU_QUEUE_BANNED, &job->queue->flags);
		WRITE_ONCE(job->queue->vm->banned, true);
		tqgpu_dump(tq, job->queue->vm, "job timeout");
		is_card_well = tqgpu_engine_cancel(engine, job->hw->seqno);
		if (!is_card_well)
			tqgpu_card_reset(tq, sched_job);
	}
	if (is_card_well)
		tqgpu_jobs_keep(&engine->sched);
	drm_sched_start(&engine->sched);
	drm_dev_exit(idx);
	return DRM_GPU_SCHED_STAT_NOMINAL;
}

void tqgpu_job_free(struct drm_sched_job *sched_job)
{
	drm_sched_job_cleanup(sched_job);
	tqgpu_job_release(to_tqgpu_job(sched_job));
}

const struct drm_sched_backend_ops tqgpu_engine_sched_ops = {
	.run_job = tqgpu_job_run,
	.timedout_job = tqgpu_job_timed_out,
	.free_job = tqgpu_job_free,
};

/* A job that is ready but for its number. */
struct tqgpu_prepared {
	struct tqgpu_job *job;
	struct tqgpu_signals signals;
};

static void tqgpu_prepared_drop(struct tqgpu_prepared *prepared)
{
	tqgpu_signals_drop(&prepared->signals);
	drm_sched_job_cleanup(&prepared->job->base);
	tqgpu_job_release(prepared->job);
}

static int tqgpu_job_prepare(struct tqgpu_queue *queue, struct drm_file *file, const struct drm_tqgpu_job *args,
			     struct tqgpu_prepared *prepared)
{
	struct tqgpu_job *job;
	u64 end;
	int err;

	if (args->pad || (args->stream_va | args->stream_size) & 7 ||
	    check_add_overflow(args->stream_va, args->stream_size, &end) || end > BIT_ULL(TQGPU_VA_BITS))
		return -EINVAL;
	job = kzalloc(sizeof(*job), GFP_KERNEL);
	if (!job)
		return -ENOMEM;
	job->stream_va = args->stream_va;
	job->stream_size = args->stream_size;
	job->hw = tqgpu_fence_alloc();
	if (!job->hw) {
		kfree(job);
		return -ENOMEM;
	}
	job->queue = queue;
	kref_get(&queue->refs);
	if (queue->sched) {
		job->hw->turn = tqgpu_turn_alloc(queue->engine);
		if (!job->hw->turn) {
			tqgpu_job_release(job);
			return -ENOMEM;
		}
	}
	err = drm_sched_job_init(&job->base, &queue->entity, 1, NULL, file->client_id);
	if (err) {
		tqgpu_job_release(job);
		return err;
	}
	prepared->job = job;
	err = tqgpu_syncs_prepare(file, args->syncs, args->sync_count, &job->base, &prepared->signals);
	if (!err && queue->sched && prepared->signals.count)
		err = -EINVAL; /* nobody may wait for what may never end */
	if (err)
		tqgpu_prepared_drop(prepared);
	return err;
}

static int tqgpu_submit(struct tqgpu_queue *queue, struct drm_file *file, const struct drm_tqgpu_job *jobs, u32 count)
{
	struct tqgpu_prepared *prepared;
	u32 ready = 0, i;
	int err = 0;

	prepared = kvcalloc(count, sizeof(*prepared), GFP_KERNEL);
	if (!prepared)
		return -ENOMEM;
	while (ready < count && !err) {
		err = tqgpu_job_prepare(queue, file, &jobs[ready], &prepared[ready]);
		if (!err)
			ready++;
	}
	if (!err) {
		mutex_lock(&queue->submit_lock);
		if (READ_ONCE(queue->device->wedged))
			err = -ENODEV;
		else if (READ_ONCE(queue->vm->banned) || atomic_read(&queue->flags) & DRM_TQGPU_QUEUE_BANNED)
			err = -ECANCELED;
		for (i = 0; i < count && !err; i++) {
			struct tqgpu_job *job = prepared[i].job;

			drm_sched_job_arm(&job->base);
			tqgpu_signals_attach(&prepared[i].signals, &job->base.s_fence->finished);
			drm_sched_entity_push_job(&job->base);
		}
		mutex_unlock(&queue->submit_lock);
	}
	for (i = 0; err && i < ready; i++)
		tqgpu_prepared_drop(&prepared[i]);
	kvfree(prepared);
	return err;
}

int tqgpu_ioctl_submit(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_tqgpu_submit *args = data;
	struct tqgpu_queue *queue;
	struct drm_tqgpu_job *jobs;
	int idx, err;

	if (!args->job_count || args->job_count > TQGPU_MAX_JOBS)
		return -EINVAL;
	queue = tqgpu_queue_lookup(file->driver_priv, args->queue_id);
	if (!queue)
		return -ENOENT;
	jobs = vmemdup_array_user(u64_to_user_ptr(args->jobs), args->job_count, sizeof(*jobs));
	if (IS_ERR(jobs)) {
		err = PTR_ERR(jobs);
	} else if (!drm_dev_enter(drm, &idx)) {
		err = -ENODEV;
		kvfree(jobs);
	} else {
		err = tqgpu_submit(queue, file, jobs, args->job_count);
		drm_dev_exit(idx);
		kvfree(jobs);
	}
	tqgpu_queue_put(queue);
	return err;
}
