// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Address spaces: creation, state, end. What is mapped in them is tqgpu_bind.c's. */
#include <linux/slab.h>

#include <drm/drm_drv.h>
#include <drm/drm_gem.h>

#include "tqgpu_device.h"
#include "tqgpu_gem.h"

#define TQGPU_VA_START PAGE_SIZE /* the first page stays unmapped: null pointers fault */
#define TQGPU_VA_END BIT_ULL(TQGPU_VA_BITS)
#define TQGPU_ASID_COUNT 65535

int tqgpu_vm_add_table_page(struct tqgpu_vm *vm, u64 *offset)
{
	struct tqgpu_device *tq = vm->device;
	struct gpu_buddy_block *block;
	LIST_HEAD(blocks);
	int err;

	err = tqgpu_vram_get(tq, PAGE_SIZE, &blocks);
	if (err)
		return err;
	block = list_first_entry(&blocks, struct gpu_buddy_block, link);
	*offset = gpu_buddy_block_offset(block);
	err = xa_err(xa_store(&vm->pt_pages, *offset >> PAGE_SHIFT, block, GFP_KERNEL));
	if (err)
		tqgpu_vram_free(&tq->memory, &blocks);
	else
		list_del_init(&block->link); /* a list of its own */
	return err;
}

void tqgpu_vm_free_table_page(struct tqgpu_vm *vm, u64 offset)
{
	struct gpu_buddy_block *block = xa_erase(&vm->pt_pages, offset >> PAGE_SHIFT);
	LIST_HEAD(blocks);

	if (WARN_ON(!block))
		return;
	list_add(&block->link, &blocks);
	tqgpu_vram_free(&vm->device->memory, &blocks);
}

void tqgpu_vm_free(struct tqgpu_vm *vm)
{
	struct gpu_buddy_block *block;
	unsigned long index;

	xa_for_each(&vm->pt_pages, index, block)
		tqgpu_vm_free_table_page(vm, (u64)index << PAGE_SHIFT);
	xa_destroy(&vm->pt_pages);
	if (vm->asid)
		ida_free(&vm->device->asids, vm->asid);
	mutex_destroy(&vm->lock);
	kfree(vm);
}

static void tqgpu_vm_teardown(struct work_struct *work)
{
	struct tqgpu_vm *vm = container_of(work, struct tqgpu_vm, teardown);
	struct drm_device *drm = &vm->device->drm;

	tqgpu_bind_forget_all(vm);
	drm_gpuvm_put(&vm->base);
	drm_dev_put(drm);
}

static void tqgpu_vm_release(struct kref *users)
{
	struct tqgpu_vm *vm = container_of(users, struct tqgpu_vm, users);

	/* The last user may be a job that ends where one must not sleep. */
	queue_work(tqgpu_wq, &vm->teardown);
}

void tqgpu_vm_put(struct tqgpu_vm *vm)
{
	kref_put(&vm->users, tqgpu_vm_release);
}

void tqgpu_vm_close(struct tqgpu_vm *vm)
{
	mutex_lock(&vm->lock);
	vm->closed = true;
	mutex_unlock(&vm->lock);
	drm_sched_entity_fini(&vm->bind_entity);
	tqgpu_vm_put(vm);
}

static struct tqgpu_vm *tqgpu_vm_create(struct tqgpu_device *tq)
{
	struct drm_gpu_scheduler *sched = &tq->bind_sched;
	struct drm_gem_object *reservation;
	struct tqgpu_vm *vm;
	int err;

	vm = kzalloc(sizeof(*vm), GFP_KERNEL);
	if (!vm)
		return ERR_PTR(-ENOMEM);
	reservation = drm_gpuvm_resv_object_alloc(&tq->drm);
	if (!reservation) {
		kfree(vm);
		return ERR_PTR(-ENOMEM);
	}
	vm->device = tq;
	kref_init(&vm->users);
	INIT_WORK(&vm->teardown, tqgpu_vm_teardown);
	mutex_init(&vm->lock);
	xa_init(&vm->pt_pages);
	spin_lock_init(&vm->fault_lock);
	drm_gpuvm_init(&vm->base, TQGPU_NAME, 0, &tq->drm, reservation, TQGPU_VA_START, TQGPU_VA_END - TQGPU_VA_START, 0,
		       0, &tqgpu_gpuvm_ops);
	drm_gem_object_put(reservation);

	err = ida_alloc_range(&tq->asids, 1, TQGPU_ASID_COUNT, GFP_KERNEL);
	if (err < 0)
		goto put;
	vm->asid = err;
	vm->pt.vram = tq->vram;
	vm->pt.vram_address = tq->vram_address;
	err = tqgpu_vm_add_table_page(vm, &vm->pt.root);
	if (err)
		goto put;
	memset(tq->vram + vm->pt.root, 0, PAGE_SIZE);
	err = drm_sched_entity_init(&vm->bind_entity, DRM_SCHED_PRIORITY_NORMAL, &sched, 1, NULL);
	if (err)
		goto put;
	drm_dev_get(&tq->drm);
	return vm;
put:
	drm_gpuvm_put(&vm->base);
	return ERR_PTR(err);
}

struct tqgpu_vm *tqgpu_vm_lookup(struct tqgpu_file *file, u32 id)
{
	struct tqgpu_vm *vm;

	xa_lock(&file->vms);
	vm = xa_load(&file->vms, id);
	if (vm)
		tqgpu_vm_get(vm);
	xa_unlock(&file->vms);
	return vm;
}

int tqgpu_ioctl_vm_create(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct tqgpu_file *tqfile = file->driver_priv;
	struct drm_tqgpu_vm_create *args = data;
	struct tqgpu_vm *vm;
	int idx, err;

	if (args->flags)
		return -EINVAL;
	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;
	vm = tqgpu_vm_create(to_tqgpu(drm));
	drm_dev_exit(idx);
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	err = xa_alloc(&tqfile->vms, &args->vm_id, vm, XA_LIMIT(1, TQGPU_MAX_VMS), GFP_KERNEL);
	if (err)
		tqgpu_vm_close(vm);
	return err == -EBUSY ? -ENOSPC : err;
}

int tqgpu_ioctl_vm_destroy(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct tqgpu_file *tqfile = file->driver_priv;
	struct drm_tqgpu_vm_destroy *args = data;
	struct tqgpu_vm *vm;

	if (args->pad)
		return -EINVAL;
	vm = xa_erase(&tqfile->vms, args->vm_id);
	if (!vm)
		return -ENOENT;
	tqgpu_vm_close(vm);
	return 0;
}

/* As much as both sides know; what user space has more room for is zero. */
static int tqgpu_copy_fault(u8 __user *to, u32 size, const struct drm_tqgpu_fault *fault)
{
	u32 known = min_t(u32, size, sizeof(*fault));

	if (copy_to_user(to, fault, known) || clear_user(to + known, size - known))
		return -EFAULT;
	return 0;
}

int tqgpu_ioctl_vm_get_state(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_tqgpu_vm_get_state *args = data;
	struct drm_tqgpu_fault *faults;
	struct tqgpu_vm *vm;
	u32 size = args->fault_size ?: offsetof(struct drm_tqgpu_fault, packet_va);
	u32 i, kept;
	int err = 0;

	if (args->pad || size < offsetof(struct drm_tqgpu_fault, packet_va) || size > PAGE_SIZE)
		return -EINVAL;
	vm = tqgpu_vm_lookup(file->driver_priv, args->vm_id);
	if (!vm)
		return -ENOENT;
	faults = kcalloc(TQGPU_FAULTS_KEPT, sizeof(*faults), GFP_KERNEL);
	if (!faults) {
		tqgpu_vm_put(vm);
		return -ENOMEM;
	}
	spin_lock_irq(&vm->fault_lock);
	kept = min3(vm->fault_count, (u32)TQGPU_FAULTS_KEPT, args->fault_count);
	for (i = 0; i < kept; i++)
		faults[i] = vm->faults[(vm->fault_count - 1 - i) % TQGPU_FAULTS_KEPT];
	args->fault_count = vm->fault_count;
	args->flags = vm->banned ? DRM_TQGPU_VM_BANNED : 0;
	args->reset_epoch = atomic_read(&vm->reset_epoch);
	spin_unlock_irq(&vm->fault_lock);
	for (i = 0; i < kept && !err; i++)
		err = tqgpu_copy_fault(u64_to_user_ptr(args->faults + (u64)i * size), size, &faults[i]);
	kfree(faults);
	tqgpu_vm_put(vm);
	return err;
}
