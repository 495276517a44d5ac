// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "tqgpu_gem.h"

#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

#include <drm/drm_drv.h>
#include <drm/drm_managed.h>

#include "tqgpu_drm.h"

#define to_tqgpu_bo(obj) container_of(obj, struct tqgpu_bo, base)

static const struct drm_gem_object_funcs tqgpu_vram_funcs;

bool tqgpu_gem_in_vram(const struct drm_gem_object *obj)
{
	return obj->funcs == &tqgpu_vram_funcs;
}

/* Jobs and address spaces that have ended give their memory back a little later. */
static void tqgpu_wait_for_returns(struct tqgpu_device *tq)
{
	int class;

	for (class = 0; class < TQGPU_ENGINE_CONTROL; class++)
		flush_workqueue(tq->engine[class].sched.submit_wq);
	flush_workqueue(tq->bind_sched.submit_wq);
	flush_workqueue(tqgpu_wq);
}

int tqgpu_vram_get(struct tqgpu_device *tq, u64 size, struct list_head *blocks)
{
	int err = tqgpu_vram_alloc(&tq->memory, size, blocks);

	if (err == -ENOSPC && size <= tq->memory.size) {
		tqgpu_wait_for_returns(tq);
		err = tqgpu_vram_alloc(&tq->memory, size, blocks);
	}
	return err == -ENOSPC ? -ENOMEM : err;
}

static void tqgpu_vram_gem_free(struct drm_gem_object *obj)
{
	struct tqgpu_bo *bo = to_tqgpu_bo(obj);

	tqgpu_vram_free(&to_tqgpu(obj->dev)->memory, &bo->blocks);
	drm_gem_object_release(obj);
	kfree(bo);
}

static void tqgpu_free_page(struct drm_device *drm, void *page)
{
	__free_page(page);
}

/* The card is gone and programs still have it mapped: they go on, on memory that nobody looks at
 * (Documentation/gpu/drm-uapi.rst, "Requirements for Memory Maps"). */
static vm_fault_t tqgpu_vram_fault_unplugged(struct vm_fault *vmf, struct drm_device *drm)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);

	if (!page)
		return VM_FAULT_OOM;
	if (drmm_add_action_or_reset(drm, tqgpu_free_page, page))
		return VM_FAULT_OOM;
	return vmf_insert_pfn(vmf->vma, vmf->address, page_to_pfn(page));
}

static vm_fault_t tqgpu_vram_fault(struct vm_fault *vmf)
{
	struct drm_gem_object *obj = vmf->vma->vm_private_data;
	struct tqgpu_device *tq = to_tqgpu(obj->dev);
	/* Not the distance from vm_start: a mapping may have been cut, or be of a part. */
	u64 offset = (u64)(vmf->pgoff - drm_vma_node_start(&obj->vma_node)) << PAGE_SHIFT;
	vm_fault_t ret = VM_FAULT_SIGBUS;
	struct gpu_buddy_block *block;
	int idx;

	if (!drm_dev_enter(obj->dev, &idx))
		return tqgpu_vram_fault_unplugged(vmf, obj->dev);
	list_for_each_entry(block, &to_tqgpu_bo(obj)->blocks, link) {
		u64 size = gpu_buddy_block_size(&tq->memory.buddy, block);

		if (offset < size) {
			u64 address = tq->vram_base + gpu_buddy_block_offset(block) + offset;

			ret = vmf_insert_pfn(vmf->vma, vmf->address, address >> PAGE_SHIFT);
			break;
		}
		offset -= size;
	}
	drm_dev_exit(idx);
	return ret;
}

static const struct vm_operations_struct tqgpu_vram_vm_ops = {
	.fault = tqgpu_vram_fault,
	.open = drm_gem_vm_open,
	.close = drm_gem_vm_close,
};

static int tqgpu_vram_mmap(struct drm_gem_object *obj, struct vm_area_struct *vma)
{
	vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP | VM_IO);
	vma->vm_page_prot = vm_get_page_prot(vma->vm_flags);
	return 0;
}

/* Another device reads video memory over the bus: peer to peer, by physical address of the BAR. */
static struct sg_table *tqgpu_vram_get_sg_table(struct drm_gem_object *obj)
{
	struct tqgpu_device *tq = to_tqgpu(obj->dev);
	struct gpu_buddy_block *block;
	struct scatterlist *sg;
	struct sg_table *table;
	unsigned int count = 0;
	int err;

	list_for_each_entry(block, &to_tqgpu_bo(obj)->blocks, link)
		count++;
	table = kzalloc(sizeof(*table), GFP_KERNEL);
	if (!table)
		return ERR_PTR(-ENOMEM);
	err = sg_alloc_table(table, count, GFP_KERNEL);
	if (err) {
		kfree(table);
		return ERR_PTR(err);
	}
	sg = table->sgl;
	list_for_each_entry(block, &to_tqgpu_bo(obj)->blocks, link) {
		sg_set_page(sg, NULL, gpu_buddy_block_size(&tq->memory.buddy, block), 0);
		sg_dma_address(sg) = tq->vram_base + gpu_buddy_block_offset(block);
		sg_dma_len(sg) = gpu_buddy_block_size(&tq->memory.buddy, block);
		sg = sg_next(sg);
	}
	return table;
}

static const struct drm_gem_object_funcs tqgpu_vram_funcs = {
	.free = tqgpu_vram_gem_free,
	.mmap = tqgpu_vram_mmap,
	.get_sg_table = tqgpu_vram_get_sg_table,
	.vm_ops = &tqgpu_vram_vm_ops,
};

static struct drm_gem_object *tqgpu_vram_create(struct tqgpu_device *tq, u64 size)
{
	struct gpu_buddy_block *block;
	struct tqgpu_bo *bo;
	int err;

	bo = kzalloc(sizeof(*bo), GFP_KERNEL);
	if (!bo)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&bo->blocks);
	err = tqgpu_vram_get(tq, size, &bo->blocks);
	if (err) {
		kfree(bo);
		return ERR_PTR(err);
	}
	/* What another process left there is nobody's business. */
	list_for_each_entry(block, &bo->blocks, link) {
		memset(tq->vram + gpu_buddy_block_offset(block), 0, gpu_buddy_block_size(&tq->memory.buddy, block));
		cond_resched();
	}
	bo->base.funcs = &tqgpu_vram_funcs;
	drm_gem_private_object_init(&tq->drm, &bo->base, size);
	return &bo->base;
}

static void tqgpu_system_gem_free(struct drm_gem_object *obj)
{
	struct drm_gem_shmem_object *shmem = to_drm_gem_shmem_obj(obj);
	struct tqgpu_system_bo *bo = container_of(shmem, struct tqgpu_system_bo, base);

	tqgpu_dma_unmap(to_tqgpu(obj->dev), &bo->dma);
	if (!obj->import_attach && shmem->sgt) {
		/* No longer mapped, as which the helper would take it. */
		sg_free_table(shmem->sgt);
		kfree(shmem->sgt);
		shmem->sgt = NULL;
	}
	drm_gem_shmem_free(shmem);
}

static const struct drm_gem_object_funcs tqgpu_system_funcs = {
	.free = tqgpu_system_gem_free,
	.print_info = drm_gem_shmem_object_print_info,
	.pin = drm_gem_shmem_object_pin,
	.unpin = drm_gem_shmem_object_unpin,
	.get_sg_table = drm_gem_shmem_object_get_sg_table,
	.vmap = drm_gem_shmem_object_vmap,
	.vunmap = drm_gem_shmem_object_vunmap,
	.mmap = drm_gem_shmem_object_mmap,
	.vm_ops = &drm_gem_shmem_vm_ops,
};

struct drm_gem_object *tqgpu_system_alloc(struct drm_device *drm, size_t size)
{
	struct tqgpu_system_bo *bo = kzalloc(sizeof(*bo), GFP_KERNEL);

	if (!bo)
		return ERR_PTR(-ENOMEM);
	bo->base.base.funcs = &tqgpu_system_funcs;
	return &bo->base.base;
}

static struct drm_gem_object *tqgpu_system_create(struct tqgpu_device *tq, u64 size)
{
	struct drm_gem_shmem_object *shmem = drm_gem_shmem_create(&tq->drm, size);
	struct sg_table *table;
	int err;

	if (IS_ERR(shmem))
		return ERR_CAST(shmem);
	shmem->map_wc = false;
	/* The card masters the bus at any time from now on. */
	table = drm_gem_shmem_get_pages_sgt(shmem);
	if (IS_ERR(table)) {
		drm_gem_object_put(&shmem->base);
		return ERR_CAST(table);
	}
	err = tqgpu_dma_add(tq, &container_of(shmem, struct tqgpu_system_bo, base)->dma, table, 0);
	if (err) {
		drm_gem_object_put(&shmem->base);
		return ERR_PTR(err);
	}
	return &shmem->base;
}

static int tqgpu_add_segment(struct tqgpu_segment *segments, int count, u64 address, u64 size)
{
	if (count && segments[count - 1].address + segments[count - 1].size == address) {
		segments[count - 1].size += size;
		return count;
	}
	segments[count] = (struct tqgpu_segment){ address, size };
	return count + 1;
}

static struct tqgpu_segment *tqgpu_segments_alloc(u64 size)
{
	/* At worst every page is a segment of its own. */
	return kvmalloc_array(size >> PAGE_SHIFT, sizeof(struct tqgpu_segment), GFP_KERNEL);
}

int tqgpu_segments_of_table(struct tqgpu_device *tq, struct sg_table *table, u64 offset, u64 size,
			    struct tqgpu_segment **segments)
{
	struct sg_dma_page_iter iter;
	u64 at = 0;
	int count = 0;

	*segments = tqgpu_segments_alloc(size);
	if (!*segments)
		return -ENOMEM;
	for_each_sgtable_dma_page(table, &iter, 0) {
		u64 address = sg_page_iter_dma_address(&iter);

		if (at >= offset && at < offset + size) {
			if (address + PAGE_SIZE > tq->host_size) {
				kvfree(*segments);
				return -EFAULT; /* out of the card's window on host memory */
			}
			count = tqgpu_add_segment(*segments, count, tq->host_address + address, PAGE_SIZE);
		}
		at += PAGE_SIZE;
	}
	return count;
}

static int tqgpu_vram_segments(struct tqgpu_device *tq, struct tqgpu_bo *bo, u64 offset, u64 size,
			       struct tqgpu_segment **segments)
{
	struct gpu_buddy_block *block;
	u64 at = 0;
	int count = 0;

	*segments = tqgpu_segments_alloc(size);
	if (!*segments)
		return -ENOMEM;
	list_for_each_entry(block, &bo->blocks, link) {
		u64 block_size = gpu_buddy_block_size(&tq->memory.buddy, block);
		u64 from = max(at, offset), to = min(at + block_size, offset + size);

		if (from < to)
			count = tqgpu_add_segment(*segments, count,
						  tq->vram_address + gpu_buddy_block_offset(block) + from - at, to - from);
		at += block_size;
	}
	return count;
}

int tqgpu_gem_segments(struct tqgpu_device *tq, struct drm_gem_object *obj, u64 offset, u64 size,
		       struct tqgpu_segment **segments)
{
	struct sg_table *table;

	if (tqgpu_gem_in_vram(obj))
		return tqgpu_vram_segments(tq, to_tqgpu_bo(obj), offset, size, segments);
	/* An imported object's pages belong to its exporter, which maps them for us. */
	table = drm_gem_shmem_get_pages_sgt(to_drm_gem_shmem_obj(obj));
	if (IS_ERR(table))
		return PTR_ERR(table);
	return tqgpu_segments_of_table(tq, table, offset, size, segments);
}

int tqgpu_ioctl_gem_create(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct tqgpu_device *tq = to_tqgpu(drm);
	struct drm_tqgpu_gem_create *args = data;
	struct drm_gem_object *obj;
	u64 size;
	int err;

	if (args->pad || args->flags & ~DRM_TQGPU_GEM_CPU_VISIBLE)
		return -EINVAL;
	if (args->placement != DRM_TQGPU_PLACE_VRAM && args->placement != DRM_TQGPU_PLACE_SYSTEM)
		return -EINVAL;
	if (!args->size || args->size > BIT_ULL(40))
		return -EINVAL;
	size = PAGE_ALIGN(args->size);
	obj = args->placement == DRM_TQGPU_PLACE_VRAM ? tqgpu_vram_create(tq, size) : tqgpu_system_create(tq, size);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	err = drm_gem_handle_create(file, obj, &args->handle);
	if (!err)
		args->size = size;
	drm_gem_object_put(obj);
	return err;
}

int tqgpu_ioctl_gem_mmap_offset(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_tqgpu_gem_mmap_offset *args = data;

	if (args->pad)
		return -EINVAL;
	return drm_gem_dumb_map_offset(file, drm, args->handle, &args->offset);
}
