// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The module, the PCI device and the DRM driver. */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>

#include <drm/drm_drv.h>
#include <drm/drm_gem_shmem_helper.h>
#include <drm/drm_ioctl.h>
#include <drm/drm_managed.h>

#include "tqgpu_device.h"
#include "tqgpu_gem.h"

#define CREATE_TRACE_POINTS
#include "tqgpu_trace.h"

/* The emulated card bears the id that its emulator gives to shared memory with doorbells; the control block says what it
 * is. Silicon gets an id of its own here. */
#define TQGPU_EMULATED_VENDOR 0x1af4
#define TQGPU_EMULATED_DEVICE 0x1110

unsigned int tqgpu_job_timeout_ms = 10000;
module_param_named(job_timeout_ms, tqgpu_job_timeout_ms, uint, 0444);
MODULE_PARM_DESC(job_timeout_ms, "Milliseconds that a job may run");

struct workqueue_struct *tqgpu_wq;

static int tqgpu_open(struct drm_device *drm, struct drm_file *file)
{
	struct tqgpu_file *tqfile = kzalloc(sizeof(*tqfile), GFP_KERNEL);

	if (!tqfile)
		return -ENOMEM;
	tqfile->device = to_tqgpu(drm);
	xa_init_flags(&tqfile->vms, XA_FLAGS_ALLOC1);
	xa_init_flags(&tqfile->queues, XA_FLAGS_ALLOC1);
	file->driver_priv = tqfile;
	return 0;
}

static void tqgpu_postclose(struct drm_device *drm, struct drm_file *file)
{
	struct tqgpu_file *tqfile = file->driver_priv;
	struct tqgpu_queue *queue;
	struct tqgpu_vm *vm;
	unsigned long id;

	xa_for_each(&tqfile->queues, id, queue)
		tqgpu_queue_close(queue);
	xa_for_each(&tqfile->vms, id, vm)
		tqgpu_vm_close(vm);
	xa_destroy(&tqfile->queues);
	xa_destroy(&tqfile->vms);
	kfree(tqfile);
}

#define TQGPU_IOCTL(name, function) DRM_IOCTL_DEF_DRV(TQGPU_##name, function, DRM_RENDER_ALLOW)
static const struct drm_ioctl_desc tqgpu_ioctls[] = {
	TQGPU_IOCTL(DEV_QUERY, tqgpu_ioctl_dev_query),
	TQGPU_IOCTL(GEM_CREATE, tqgpu_ioctl_gem_create),
	TQGPU_IOCTL(GEM_MMAP_OFFSET, tqgpu_ioctl_gem_mmap_offset),
	TQGPU_IOCTL(VM_CREATE, tqgpu_ioctl_vm_create),
	TQGPU_IOCTL(VM_DESTROY, tqgpu_ioctl_vm_destroy),
	TQGPU_IOCTL(VM_BIND, tqgpu_ioctl_vm_bind),
	TQGPU_IOCTL(VM_GET_STATE, tqgpu_ioctl_vm_get_state),
	TQGPU_IOCTL(QUEUE_CREATE, tqgpu_ioctl_queue_create),
	TQGPU_IOCTL(QUEUE_DESTROY, tqgpu_ioctl_queue_destroy),
	TQGPU_IOCTL(QUEUE_GET_STATE, tqgpu_ioctl_queue_get_state),
	TQGPU_IOCTL(SUBMIT, tqgpu_ioctl_submit),
	TQGPU_IOCTL(WAIT_USER_FENCE, tqgpu_ioctl_wait_user_fence),
};

static const struct file_operations tqgpu_fops = {
	.owner = THIS_MODULE,
	DRM_GEM_FOPS,
	.show_fdinfo = drm_show_fdinfo,
};

static const struct drm_driver tqgpu_driver = {
	.driver_features = DRIVER_GEM | DRIVER_RENDER | DRIVER_SYNCOBJ | DRIVER_SYNCOBJ_TIMELINE | DRIVER_GEM_GPUVA,
	.open = tqgpu_open,
	.postclose = tqgpu_postclose,
	.ioctls = tqgpu_ioctls,
	.num_ioctls = ARRAY_SIZE(tqgpu_ioctls),
	.fops = &tqgpu_fops,
	.show_fdinfo = tqgpu_show_fdinfo,
	.debugfs_init = tqgpu_debugfs_init,
	.gem_create_object = tqgpu_system_alloc,
	.gem_prime_import_sg_table = drm_gem_shmem_prime_import_sg_table,
	.name = TQGPU_NAME,
	.desc = "Tianqiao reference GPU",
	.major = 1,
	.minor = 0,
};

static void tqgpu_vram_release(struct drm_device *drm, void *vram)
{
	tqgpu_vram_fini(vram);
}

static void tqgpu_ids_release(struct drm_device *drm, void *unused)
{
	struct tqgpu_device *tq = to_tqgpu(drm);

	xa_destroy(&tq->queues);
	ida_destroy(&tq->asids);
}

static struct lock_class_key tqgpu_queues_lock_class;

/* What lives until the last open file is closed, which may be long after the card is gone. */
static int tqgpu_init_managed(struct tqgpu_device *tq)
{
	int err;

	spin_lock_init(&tq->fault_lock);
	init_waitqueue_head(&tq->user_fences);
	xa_init_flags(&tq->queues, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ);
	/* Unlike the arrays of files, this one is looked into by interrupts. */
	lockdep_set_class(&tq->queues.xa_lock, &tqgpu_queues_lock_class);
	INIT_LIST_HEAD(&tq->dma);
	ida_init(&tq->asids);
	err = drmm_add_action_or_reset(&tq->drm, tqgpu_ids_release, NULL);
	if (!err)
		err = drmm_mutex_init(&tq->drm, &tq->reset_lock);
	if (!err)
		err = drmm_mutex_init(&tq->drm, &tq->dma_lock);
	if (!err)
		err = tqgpu_vram_init(&tq->memory, tq->vram_size, TQGPU_HEAP_OFFSET);
	if (!err)
		err = drmm_add_action_or_reset(&tq->drm, tqgpu_vram_release, &tq->memory);
	if (!err)
		err = tqgpu_engine_init(tq);
	return err ?: tqgpu_bind_init(tq);
}

static int tqgpu_map_bars(struct tqgpu_device *tq)
{
	struct pci_dev *pdev = tq->pdev;

	tq->vram_base = pci_resource_start(pdev, 2);
	tq->vram_size = pci_resource_len(pdev, 2);
	if (tq->vram_size < 2 * TQGPU_HEAP_OFFSET)
		return -ENODEV;
	tq->doorbell = pcim_iomap(pdev, 0, 0);
	tq->vram = devm_memremap(&pdev->dev, tq->vram_base, tq->vram_size, MEMREMAP_WB);
	if (!tq->doorbell)
		return -ENOMEM;
	if (IS_ERR(tq->vram))
		return PTR_ERR(tq->vram);
	tq->control = (void *)(tq->vram + TQGPU_CONTROL_OFFSET);
	return 0;
}

/* Shared memory with doorbells may be anybody's: the control block says whether a card is behind it. */
static int tqgpu_identify(struct tqgpu_device *tq)
{
	const struct tqgpu_card_control *control = (const void *)tq->control;

	if (control->magic != TQGPU_CARD_MAGIC) {
		drm_dbg_driver(&tq->drm, "no card answers behind this device\n");
		return -ENODEV;
	}
	if (control->abi >> 16 != TQGPU_CARD_ABI_MAJOR) {
		drm_err(&tq->drm, "the card has ABI %u, the driver %u\n", control->abi >> 16, TQGPU_CARD_ABI_MAJOR);
		return -ENODEV;
	}
	tq->card_peer = control->card_peer;
	tq->vram_address = control->vram_address;
	tq->host_address = control->host_address;
	tq->host_size = control->host_size;
	return 0;
}

static int tqgpu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct tqgpu_device *tq;
	int err;

	tq = devm_drm_dev_alloc(&pdev->dev, &tqgpu_driver, struct tqgpu_device, drm);
	if (IS_ERR(tq))
		return PTR_ERR(tq);
	tq->pdev = pdev;
	err = pcim_enable_device(pdev);
	if (err)
		return err;
	pci_set_master(pdev);
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(40));
	if (err)
		return err;
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	err = tqgpu_map_bars(tq);
	if (!err)
		err = tqgpu_identify(tq);
	if (!err)
		err = tqgpu_init_managed(tq);
	if (!err)
		err = tqgpu_firmware_boot(tq);
	if (err)
		return err;
	tqgpu_reset_init(tq);
	err = tqgpu_interrupt_init(tq);
	if (err)
		return err;
	pci_set_drvdata(pdev, tq);
	tqgpu_watchdog_start(tq);
	err = drm_dev_register(&tq->drm, 0);
	if (err) {
		tqgpu_interrupt_fini(tq);
		tqgpu_reset_fini(tq);
		return err;
	}
	tqgpu_hwmon_init(tq);
	drm_info(&tq->drm, "%u harts, %llu MiB of video memory, firmware %u.%u\n", tq->control->hart_count,
		 (u64)tq->vram_size >> 20, tq->control->firmware_version >> 16, tq->control->firmware_version & 0xffff);
	return 0;
}

static void tqgpu_remove(struct pci_dev *pdev)
{
	struct tqgpu_device *tq = pci_get_drvdata(pdev);
	int class;

	drm_dev_unplug(&tq->drm); /* waits for everybody inside drm_dev_enter() */
	tqgpu_interrupt_fini(tq);
	tqgpu_reset_fini(tq);
	for (class = 0; class < TQGPU_ENGINE_COUNT; class++)
		tqgpu_engine_fail_all(&tq->engine[class], -ENODEV);
	wake_up_all(&tq->user_fences);
	tqgpu_dma_unmap_all(tq);
}

static const struct pci_device_id tqgpu_ids[] = {
	{ PCI_DEVICE(TQGPU_EMULATED_VENDOR, TQGPU_EMULATED_DEVICE) },
	{}
};
MODULE_DEVICE_TABLE(pci, tqgpu_ids);

static struct pci_driver tqgpu_pci_driver = {
	.name = TQGPU_NAME,
	.id_table = tqgpu_ids,
	.probe = tqgpu_probe,
	.remove = tqgpu_remove,
};

static int __init tqgpu_module_init(void)
{
	int err;

	tqgpu_wq = alloc_workqueue(TQGPU_NAME, WQ_UNBOUND, 0);
	if (!tqgpu_wq)
		return -ENOMEM;
	err = pci_register_driver(&tqgpu_pci_driver);
	if (err)
		destroy_workqueue(tqgpu_wq);
	return err;
}

static void __exit tqgpu_module_exit(void)
{
	pci_unregister_driver(&tqgpu_pci_driver);
	destroy_workqueue(tqgpu_wq);
}

module_init(tqgpu_module_init);
module_exit(tqgpu_module_exit);

MODULE_DESCRIPTION("Tianqiao reference GPU");
MODULE_LICENSE("Dual MIT/GPL");
