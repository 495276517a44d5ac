// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * VM_BIND. The ioctl changes the tree of mappings at once and keeps what the job will need; the job changes the page
 * tables when its waits are over. Jobs of a VM run in the order of their ioctls, so both see the same history. Whatever can
 * fail, fails before anything has changed.
 */
#include <linux/slab.h>

#include <drm/drm_drv.h>
#include <drm/drm_managed.h>
#include <drm/drm_gem.h>

#include "tqgpu_device.h"
#include "tqgpu_gem.h"
#include "tqgpu_userptr.h"

#define TQGPU_MAX_BIND_OPS 4096

struct tqgpu_va {
	struct drm_gpuva base;
	struct tqgpu_userptr *userptr; /* NULL: of an object */
	struct list_head node;
};
#define to_tqgpu_va(va_) container_of(va_, struct tqgpu_va, base)

/* One operation, with everything that it needs in hand. */
struct tqgpu_bind_step {
	struct tqgpu_vm *vm;
	struct drm_tqgpu_bind_op op;
	u64 rights;
	struct drm_gem_object *obj;
	struct drm_gpuvm_bo *vm_bo;
	struct tqgpu_userptr *userptr;
	struct tqgpu_segment *segments;
	int segment_count;
	struct tqgpu_va *spare[3]; /* the new mapping, and what is left of an old one on its two sides */
	struct list_head removed;  /* mappings that it replaces; they go when the page tables no longer name them */
};

struct tqgpu_bind_job {
	struct drm_sched_job base;
	struct tqgpu_vm *vm;
	struct tqgpu_pt_pool pool;
	struct tqgpu_fence *invalidate; /* requests to the command processor, allocated before */
	struct tqgpu_fence **code;
	u32 code_count;
	u32 step_count;
	struct tqgpu_bind_step steps[] __counted_by(step_count);
};
#define to_bind_job(job_) container_of(job_, struct tqgpu_bind_job, base)

/* An object's list of mappings is under its reservation. */
static void tqgpu_va_link(struct tqgpu_va *va, struct drm_gpuvm_bo *vm_bo)
{
	if (!va->base.gem.obj)
		return;
	dma_resv_lock(va->base.gem.obj->resv, NULL);
	drm_gpuva_link(&va->base, vm_bo);
	dma_resv_unlock(va->base.gem.obj->resv);
}

static void tqgpu_va_free(struct tqgpu_va *va)
{
	struct drm_gem_object *obj = va->base.gem.obj;

	if (obj) {
		drm_gem_object_get(obj); /* the link may hold the last reference */
		dma_resv_lock(obj->resv, NULL);
		drm_gpuva_unlink(&va->base);
		dma_resv_unlock(obj->resv);
		drm_gem_object_put(obj);
	}
	if (va->userptr)
		tqgpu_userptr_put(va->userptr);
	kfree(va);
}

static struct tqgpu_va *tqgpu_take_spare(struct tqgpu_bind_step *step)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(step->spare); i++) {
		struct tqgpu_va *va = step->spare[i];

		if (va) {
			step->spare[i] = NULL;
			return va;
		}
	}
	WARN_ON(1); /* an operation cuts at most one mapping in two, or two at one end each */
	return NULL;
}

static int tqgpu_step_map(struct drm_gpuva_op *op, void *priv)
{
	struct tqgpu_bind_step *step = priv;
	struct tqgpu_va *va = tqgpu_take_spare(step);

	if (!va)
		return -EINVAL;
	va->userptr = step->userptr; /* takes the reference over */
	step->userptr = NULL;
	drm_gpuva_map(&step->vm->base, &va->base, &op->map);
	tqgpu_va_link(va, step->vm_bo);
	return 0;
}

/* What stays on one side of a mapping that is cut. */
static struct tqgpu_va *tqgpu_remainder(struct tqgpu_bind_step *step, struct tqgpu_va *old)
{
	struct tqgpu_va *va = tqgpu_take_spare(step);

	if (va && old->userptr) {
		kref_get(&old->userptr->refs);
		va->userptr = old->userptr;
	}
	return va;
}

static int tqgpu_step_remap(struct drm_gpuva_op *op, void *priv)
{
	struct tqgpu_bind_step *step = priv;
	struct tqgpu_va *old = to_tqgpu_va(op->remap.unmap->va), *prev = NULL, *next = NULL;
	struct drm_gpuvm_bo *vm_bo = old->base.vm_bo;

	if (op->remap.prev)
		prev = tqgpu_remainder(step, old);
	if (op->remap.next)
		next = tqgpu_remainder(step, old);
	drm_gpuva_remap(prev ? &prev->base : NULL, next ? &next->base : NULL, &op->remap);
	if (prev)
		tqgpu_va_link(prev, vm_bo);
	if (next)
		tqgpu_va_link(next, vm_bo);
	list_add_tail(&old->node, &step->removed);
	return 0;
}

static int tqgpu_step_unmap(struct drm_gpuva_op *op, void *priv)
{
	struct tqgpu_bind_step *step = priv;

	drm_gpuva_unmap(&op->unmap);
	list_add_tail(&to_tqgpu_va(op->unmap.va)->node, &step->removed);
	return 0;
}

static void tqgpu_gpuvm_free(struct drm_gpuvm *gpuvm)
{
	tqgpu_vm_free(to_tqgpu_vm(gpuvm));
}

const struct drm_gpuvm_ops tqgpu_gpuvm_ops = {
	.vm_free = tqgpu_gpuvm_free,
	.sm_step_map = tqgpu_step_map,
	.sm_step_remap = tqgpu_step_remap,
	.sm_step_unmap = tqgpu_step_unmap,
};

void tqgpu_bind_forget_all(struct tqgpu_vm *vm)
{
	struct drm_gpuva *va, *next;

	mutex_lock(&vm->lock);
	drm_gpuvm_for_each_va_safe(va, next, &vm->base) {
		drm_gpuva_remove(va);
		tqgpu_va_free(to_tqgpu_va(va));
	}
	mutex_unlock(&vm->lock);
}

/* Page tables */

static void tqgpu_step_apply(struct tqgpu_bind_job *job, struct tqgpu_bind_step *step)
{
	struct tqgpu_pt *pt = &job->vm->pt;
	u64 va = step->op.va;
	int i;

	switch (step->op.op) {
	case DRM_TQGPU_BIND_UNMAP:
		tqgpu_pt_unmap(pt, &job->pool, va, step->op.size);
		break;
	case DRM_TQGPU_BIND_PROTECT:
		tqgpu_pt_protect(pt, &job->pool, va, step->op.size, step->rights);
		break;
	default:
		for (i = 0; i < step->segment_count; i++) {
			tqgpu_pt_map(pt, &job->pool, va, step->segments[i].size, step->segments[i].address, step->rights);
			va += step->segments[i].size;
		}
	}
}

static struct dma_fence *tqgpu_bind_run(struct drm_sched_job *sched_job)
{
	struct tqgpu_bind_job *job = to_bind_job(sched_job);
	struct tqgpu_device *tq = job->vm->device;
	u32 i, code = 0;
	int idx, j, err;

	if (!drm_dev_enter(&tq->drm, &idx))
		return ERR_PTR(-ENODEV);
	for (i = 0; i < job->step_count; i++)
		tqgpu_step_apply(job, &job->steps[i]);
	wmb(); /* tables before the card is told to look */
	err = tqgpu_control(tq, job->invalidate, TQGPU_RING_INVALIDATE_TLB, 0, 0);
	for (i = 0; i < job->step_count && !err; i++) {
		struct tqgpu_bind_step *step = &job->steps[i];

		if (!(step->rights & TQGPU_PTE_EXECUTE))
			continue;
		for (j = 0; j < step->segment_count && !err; j++)
			err = tqgpu_control(tq, job->code[code++], TQGPU_RING_INVALIDATE_CODE, step->segments[j].address,
					    step->segments[j].size);
	}
	drm_dev_exit(idx);
	return err ? ERR_PTR(err) : NULL;
}

static void tqgpu_step_release(struct tqgpu_bind_step *step)
{
	struct tqgpu_va *va, *next;
	int i;

	list_for_each_entry_safe(va, next, &step->removed, node)
		tqgpu_va_free(va);
	for (i = 0; i < ARRAY_SIZE(step->spare); i++)
		kfree(step->spare[i]);
	if (step->vm_bo) {
		dma_resv_lock(step->obj->resv, NULL);
		drm_gpuvm_bo_put(step->vm_bo);
		dma_resv_unlock(step->obj->resv);
	}
	if (step->obj)
		drm_gem_object_put(step->obj);
	if (step->userptr)
		tqgpu_userptr_put(step->userptr);
	kvfree(step->segments);
}

static void tqgpu_bind_job_release(struct tqgpu_bind_job *job)
{
	struct tqgpu_vm *vm = job->vm;
	u32 i;
	int idx;

	for (i = 0; i < job->step_count; i++)
		tqgpu_step_release(&job->steps[i]);
	/* The list of pages lies in video memory. Without the card the VM frees them, with all of its pages, at its end. */
	if (drm_dev_enter(&vm->device->drm, &idx)) {
		while (job->pool.first)
			tqgpu_vm_free_table_page(vm, tqgpu_pt_pool_pop(&vm->pt, &job->pool));
		drm_dev_exit(idx);
	}
	if (job->invalidate)
		tqgpu_fence_release(job->invalidate);
	for (i = 0; i < job->code_count; i++) {
		if (job->code[i])
			tqgpu_fence_release(job->code[i]);
	}
	kvfree(job->code);
	kvfree(job);
	tqgpu_vm_put(vm);
}

static void tqgpu_bind_free(struct drm_sched_job *sched_job)
{
	drm_sched_job_cleanup(sched_job);
	tqgpu_bind_job_release(to_bind_job(sched_job));
}

static const struct drm_sched_backend_ops tqgpu_bind_sched_ops = {
	.run_job = tqgpu_bind_run,
	.free_job = tqgpu_bind_free,
};

/* Preparation */

static u64 tqgpu_rights(u32 flags)
{
	if (flags & DRM_TQGPU_BIND_EXECUTE)
		return TQGPU_PTE_READ | TQGPU_PTE_EXECUTE;
	if (flags & DRM_TQGPU_BIND_READONLY)
		return TQGPU_PTE_READ;
	return TQGPU_PTE_READ | TQGPU_PTE_WRITE;
}

static int tqgpu_op_check(struct tqgpu_vm *vm, const struct drm_tqgpu_bind_op *op)
{
	u64 end;

	if (op->pad || op->op > DRM_TQGPU_BIND_PROTECT ||
	    op->flags & ~(DRM_TQGPU_BIND_READONLY | DRM_TQGPU_BIND_EXECUTE))
		return -EINVAL;
	if (!op->size || !PAGE_ALIGNED(op->va | op->size | op->offset) || check_add_overflow(op->va, op->size, &end))
		return -EINVAL;
	if (!drm_gpuvm_range_valid(&vm->base, op->va, op->size))
		return -EINVAL;
	if (op->op != DRM_TQGPU_BIND_MAP && op->handle)
		return -EINVAL;
	if (op->op == DRM_TQGPU_BIND_UNMAP && (op->flags || op->offset))
		return -EINVAL;
	if (op->op == DRM_TQGPU_BIND_PROTECT && op->offset)
		return -EINVAL;
	return 0;
}

static int tqgpu_step_find_object(struct tqgpu_vm *vm, struct drm_file *file, struct tqgpu_bind_step *step)
{
	u64 end;

	step->obj = drm_gem_object_lookup(file, step->op.handle);
	if (!step->obj)
		return -ENOENT;
	if (check_add_overflow(step->op.offset, step->op.size, &end) || end > step->obj->size)
		return -EINVAL;
	step->vm_bo = drm_gpuvm_bo_create(&vm->base, step->obj);
	if (!step->vm_bo)
		return -ENOMEM;
	dma_resv_lock(step->obj->resv, NULL);
	step->vm_bo = drm_gpuvm_bo_obtain_prealloc(step->vm_bo);
	dma_resv_unlock(step->obj->resv);
	step->segment_count =
		tqgpu_gem_segments(vm->device, step->obj, step->op.offset, step->op.size, &step->segments);
	return min(step->segment_count, 0);
}

static int tqgpu_step_pin(struct tqgpu_vm *vm, struct tqgpu_bind_step *step)
{
	struct tqgpu_userptr *userptr;

	userptr = tqgpu_userptr_pin(vm->device, step->op.offset, step->op.size, step->rights & TQGPU_PTE_WRITE);
	if (IS_ERR(userptr))
		return PTR_ERR(userptr);
	step->userptr = userptr;
	step->segment_count = tqgpu_userptr_segments(userptr, &step->segments);
	return min(step->segment_count, 0);
}

static int tqgpu_step_prepare(struct tqgpu_bind_job *job, struct drm_file *file, struct tqgpu_bind_step *step)
{
	u32 pages = TQGPU_PT_SPLIT_PAGES;
	u64 offset;
	int i, err;

	err = tqgpu_op_check(job->vm, &step->op);
	if (err)
		return err;
	step->rights = step->op.op == DRM_TQGPU_BIND_UNMAP ? 0 : tqgpu_rights(step->op.flags);
	if (step->op.op == DRM_TQGPU_BIND_MAP)
		err = tqgpu_step_find_object(job->vm, file, step);
	else if (step->op.op == DRM_TQGPU_BIND_MAP_USERPTR)
		err = tqgpu_step_pin(job->vm, step);
	if (err)
		return err;
	if (step->segment_count)
		pages = tqgpu_pt_map_pages(step->op.va, step->op.size);
	for (i = 0; i < ARRAY_SIZE(step->spare); i++) {
		step->spare[i] = kzalloc(sizeof(*step->spare[i]), GFP_KERNEL);
		if (!step->spare[i])
			return -ENOMEM;
	}
	while (pages--) {
		err = tqgpu_vm_add_table_page(job->vm, &offset);
		if (err)
			return err;
		tqgpu_pt_pool_push(&job->vm->pt, &job->pool, offset);
	}
	if (step->rights & TQGPU_PTE_EXECUTE)
		job->code_count += step->segment_count;
	return 0;
}

static int tqgpu_prepare_requests(struct tqgpu_bind_job *job)
{
	u32 i;

	job->invalidate = tqgpu_fence_alloc();
	job->code = kvcalloc(job->code_count, sizeof(*job->code), GFP_KERNEL);
	if (!job->invalidate || (job->code_count && !job->code)) {
		job->code_count = 0;
		return -ENOMEM;
	}
	for (i = 0; i < job->code_count; i++) {
		job->code[i] = tqgpu_fence_alloc();
		if (!job->code[i])
			return -ENOMEM;
	}
	return 0;
}

/* Changes the tree. Cannot fail: the range was checked and there are spare mappings. */
static void tqgpu_step_commit(struct tqgpu_vm *vm, struct tqgpu_bind_step *step)
{
	int err = 0;

	switch (step->op.op) {
	case DRM_TQGPU_BIND_MAP:
	case DRM_TQGPU_BIND_MAP_USERPTR:
		err = drm_gpuvm_sm_map(&vm->base, step, step->op.va, step->op.size, step->obj, step->op.offset);
		break;
	case DRM_TQGPU_BIND_UNMAP:
		err = drm_gpuvm_sm_unmap(&vm->base, step, step->op.va, step->op.size);
		break;
	}
	WARN_ON(err);
}

static int tqgpu_bind_prepare(struct tqgpu_vm *vm, struct drm_file *file, struct drm_tqgpu_vm_bind *args,
			      struct tqgpu_bind_job **out)
{
	struct drm_tqgpu_bind_op *ops;
	struct tqgpu_bind_job *job;
	u32 i;
	int err;

	ops = vmemdup_array_user(u64_to_user_ptr(args->ops), args->op_count, sizeof(*ops));
	if (IS_ERR(ops))
		return PTR_ERR(ops);
	job = kvzalloc(struct_size(job, steps, args->op_count), GFP_KERNEL);
	if (!job) {
		kvfree(ops);
		return -ENOMEM;
	}
	job->step_count = args->op_count;
	job->vm = vm;
	tqgpu_vm_get(vm);
	for (i = 0; i < args->op_count; i++) {
		INIT_LIST_HEAD(&job->steps[i].removed);
		job->steps[i].vm = vm;
		job->steps[i].op = ops[i];
	}
	kvfree(ops);
	for (i = 0, err = 0; i < args->op_count && !err; i++)
		err = tqgpu_step_prepare(job, file, &job->steps[i]);
	if (!err)
		err = tqgpu_prepare_requests(job);
	else
		job->code_count = 0;
	if (!err)
		err = drm_sched_job_init(&job->base, &vm->bind_entity, 1, NULL, file->client_id);
	if (err)
		tqgpu_bind_job_release(job);
	else
		*out = job;
	return err;
}

/* *done is the fence that says that the page tables are changed. */
static int tqgpu_vm_bind(struct tqgpu_vm *vm, struct drm_file *file, struct drm_tqgpu_vm_bind *args,
			 struct dma_fence **done)
{
	struct tqgpu_signals signals;
	struct tqgpu_bind_job *job;
	u32 i;
	int err;

	err = tqgpu_bind_prepare(vm, file, args, &job);
	if (err)
		return err;
	err = tqgpu_syncs_prepare(file, args->syncs, args->sync_count, &job->base, &signals);
	if (err)
		goto cleanup;
	mutex_lock(&vm->lock);
	if (vm->closed) {
		mutex_unlock(&vm->lock);
		tqgpu_signals_drop(&signals);
		err = -ENOENT;
		goto cleanup;
	}
	for (i = 0; i < job->step_count; i++)
		tqgpu_step_commit(vm, &job->steps[i]);
	drm_sched_job_arm(&job->base);
	*done = dma_fence_get(&job->base.s_fence->finished);
	tqgpu_signals_attach(&signals, *done);
	drm_sched_entity_push_job(&job->base);
	mutex_unlock(&vm->lock);
	return 0;
cleanup:
	drm_sched_job_cleanup(&job->base);
	tqgpu_bind_job_release(job);
	return err;
}

int tqgpu_ioctl_vm_bind(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_tqgpu_vm_bind *args = data;
	struct dma_fence *done = NULL;
	struct tqgpu_vm *vm;
	int idx, err = -ENODEV;

	if (args->flags || !args->op_count || args->op_count > TQGPU_MAX_BIND_OPS)
		return -EINVAL;
	vm = tqgpu_vm_lookup(file->driver_priv, args->vm_id);
	if (!vm)
		return -ENOENT;
	if (drm_dev_enter(drm, &idx)) {
		err = tqgpu_vm_bind(vm, file, args, &done);
		drm_dev_exit(idx);
	}
	if (!err && !args->sync_count) {
		/* Every operation may be done twice, as a restarted call does. */
		err = dma_fence_wait(done, true);
		if (!err)
			err = done->error;
	}
	dma_fence_put(done);
	tqgpu_vm_put(vm);
	return err;
}

static void tqgpu_bind_sched_release(struct drm_device *drm, void *sched)
{
	drm_sched_fini(sched);
}

int tqgpu_bind_init(struct tqgpu_device *tq)
{
	const struct drm_sched_init_args args = {
		.ops = &tqgpu_bind_sched_ops,
		.num_rqs = DRM_SCHED_PRIORITY_COUNT,
		.credit_limit = 1,
		.timeout = MAX_SCHEDULE_TIMEOUT,
		.name = "tqgpu-bind",
		.dev = tq->drm.dev,
	};
	int err = drm_sched_init(&tq->bind_sched, &args);

	return err ?: drmm_add_action_or_reset(&tq->drm, tqgpu_bind_sched_release, &tq->bind_sched);
}

#ifdef CONFIG_TQGPU_KUNIT
#include "kunit/tqgpu_bind_kunit.c"
#endif
