/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The driver's objects. Who owns what: device -> engines, memory; file -> VMs, queues; VM -> mappings, page tables. */
#ifndef TQGPU_DEVICE_H
#define TQGPU_DEVICE_H

#include <linux/idr.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <drm/drm_device.h>
#include <drm/drm_file.h>
#include <drm/drm_gpuvm.h>
#include <drm/gpu_scheduler.h>

#include "tqgpu_card.h"
#include "tqgpu_drm.h"
#include "tqgpu_pt.h"
#include "tqgpu_vram.h"

#define TQGPU_NAME "tqgpu"
#define TQGPU_MAX_VMS 64	 /* of one open file */
#define TQGPU_MAX_QUEUES 1024 /* programs have hundreds of streams */
#define TQGPU_FAULTS_KEPT 16	 /* of one VM */

struct tqgpu_device;

/* What may outlive a device: the last parts of VMs. Flushed when the module goes. */
extern struct workqueue_struct *tqgpu_wq;

/* One ring of the card and the scheduler that feeds it. The control engine has no scheduler, see tqgpu_control(); long-running
 * work has slots in place of a ring, and a scheduler for each queue, see tqgpu_long.c. */
struct tqgpu_engine {
	struct tqgpu_device *device;
	enum tqgpu_engine_class class;
	struct drm_gpu_scheduler sched;
	u64 fence_context;

	spinlock_t lock; /* ring tail, next_seqno and pending */
	u32 next_seqno;
	struct list_head pending; /* of tqgpu_fence, in order */

	/* Of long-running work alone, under lock. */
	unsigned long slots_used; /* also by jobs that are about to be emitted */
	struct list_head waiting; /* of tqgpu_fence, for a slot */
	bool is_down;		  /* the card restarts */
};

/* The hardware's fence: signals when the card has completed a ring entry. */
struct tqgpu_fence {
	struct dma_fence base;
	struct list_head node; /* in pending; empty once it is out */
	u32 seqno;
	struct tqgpu_ring_entry *entry; /* its place in the ring, the card's to read while it is pending */
	struct tqgpu_queue *queue;	/* of long-running work; alive while it is pending */
	struct dma_fence *turn;		/* of long-running work: signals when it is given a slot */
	bool has_slot;			/* under the engine's lock */
	u32 slot;
	atomic64_t *busy_ns; /* adds the time that the work took; NULL: nobody asks */
};

struct tqgpu_device {
	struct drm_device drm;
	struct pci_dev *pdev;
	void __iomem *doorbell; /* BAR 0 */
	u8 *vram;		/* BAR 2, cached: it is memory to the emulator, and coherent */
	resource_size_t vram_base, vram_size;
	volatile struct tqgpu_card_control *control;
	u64 vram_address; /* card's view; a copy, since the card could not be trusted with it */
	u64 host_address, host_size;
	u32 card_peer;

	struct tqgpu_vram memory;
	struct tqgpu_engine engine[TQGPU_ENGINE_COUNT];
	struct ida asids;
	struct drm_gpu_scheduler bind_sched;

	struct mutex dma_lock;
	struct list_head dma; /* of tqgpu_dma */
	bool dma_closed;

	struct mutex control_lock; /* one request on the control ring at a time */
	struct xarray queues;	   /* context number in ring entries -> tqgpu_queue; locked with interrupts off */

	struct work_struct log_work, reset_work;
	struct delayed_work watchdog;
	spinlock_t fault_lock; /* faults_read */
	u32 faults_read, log_read;
	u64 last_heartbeat;
	u32 missed_beats;

	wait_queue_head_t user_fences; /* woken when work ends, well or not */

	struct mutex reset_lock;
	atomic_t reset_count;
	bool wedged;
};

#define to_tqgpu(drm_) container_of(drm_, struct tqgpu_device, drm)

/*
 * An address space. Its handle, its queues and jobs in flight are its users; when there are none, its mappings are taken
 * down, and with them goes the last reference of `base`.
 */
struct tqgpu_vm {
	struct drm_gpuvm base;
	struct kref users;
	struct work_struct teardown;
	struct tqgpu_device *device;
	struct mutex lock;     /* mappings: the tree in base, as of the ioctl */
	struct tqgpu_pt pt;    /* changed only by bind jobs, which run one at a time */
	struct xarray pt_pages; /* offset >> PAGE_SHIFT -> list of one buddy block, of every page of its tables */
	u32 asid;
	struct drm_sched_entity bind_entity;
	bool closed; /* under lock: no more binds */
	bool banned;
	atomic_t reset_epoch;

	spinlock_t fault_lock;
	struct drm_tqgpu_fault faults[TQGPU_FAULTS_KEPT]; /* ring; fault_count % TQGPU_FAULTS_KEPT is the next */
	u32 fault_count;
};
#define to_tqgpu_vm(gpuvm_) container_of(gpuvm_, struct tqgpu_vm, base)

struct tqgpu_queue {
	struct kref refs;
	struct tqgpu_device *device;
	struct tqgpu_vm *vm;
	struct tqgpu_engine *engine;
	struct drm_sched_entity entity;
	struct drm_gpu_scheduler *sched; /* its own, of a long-running one; else NULL */
	struct work_struct release;
	struct mutex submit_lock; /* jobs are armed and pushed in one order */
	u32 context;		  /* what ring entries and fault records call it */
	u32 id;			  /* what user space calls it */
	atomic_t flags;		  /* DRM_TQGPU_QUEUE_* */
	atomic64_t busy_ns;
};

/* Long-running or not, enum drm_tqgpu_queue_class. */
static inline int tqgpu_queue_class(const struct tqgpu_queue *queue)
{
	return queue->engine->class == TQGPU_ENGINE_COPY ? DRM_TQGPU_QUEUE_COPY : DRM_TQGPU_QUEUE_COMPUTE;
}

struct tqgpu_file {
	struct tqgpu_device *device;
	struct xarray vms;
	struct xarray queues;
	atomic64_t busy_ns[2]; /* by queue class, of queues that are gone */
};

/* tqgpu_firmware.c */
int tqgpu_firmware_boot(struct tqgpu_device *tq);

/* tqgpu_engine.c */
int tqgpu_engine_init(struct tqgpu_device *tq);
/* Puts an entry into the ring, or its slot; returns a new reference to its fence, or ECANCELED while the card restarts. Fills in
 * the seqno. */
struct dma_fence *tqgpu_engine_emit(struct tqgpu_engine *engine, struct tqgpu_fence *fence,
				    struct tqgpu_ring_entry *entry);
struct tqgpu_fence *tqgpu_fence_alloc(void);
/* Gives up the reference of whoever allocated it, emitted or not. */
void tqgpu_fence_release(struct tqgpu_fence *fence);
/* Signals what the card has completed. Any context. */
void tqgpu_engine_complete(struct tqgpu_engine *engine);
/* Signals everything that is pending with `error`. */
void tqgpu_engine_fail_all(struct tqgpu_engine *engine, int error);
/* Tells the card to drop work up to the given seqno. Does not wait. */
void tqgpu_engine_cancel_upto(struct tqgpu_engine *engine, u32 seqno);
/*
 * Drops the work of a queue: what it has at work is cancelled, what has not begun will do nothing. Does not wait. The work of
 * others in the ring is not touched.
 */
void tqgpu_engine_drop(struct tqgpu_engine *engine, u32 context);
void tqgpu_ring_doorbell(struct tqgpu_device *tq, enum tqgpu_card_vector vector);
/*
 * A request to the command processor itself; waits for it. `fence` is fresh and remains the caller's: whoever runs where a
 * dma_fence waits has allocated it before. 0, -ETIMEDOUT, -EIO.
 */
int tqgpu_control(struct tqgpu_device *tq, struct tqgpu_fence *fence, enum tqgpu_ring_op op, u64 address, u64 size);
extern const struct dma_fence_ops tqgpu_fence_ops;
extern unsigned int tqgpu_job_timeout_ms;
extern const struct drm_sched_backend_ops tqgpu_engine_sched_ops;

/* tqgpu_long.c: slots. The fence's slot is its own from the reservation on until it signals, or until tqgpu_slot_forget(). */
struct dma_fence *tqgpu_turn_alloc(struct tqgpu_engine *engine);
/* NULL: it has a slot; else what to wait for before asking again. */
struct dma_fence *tqgpu_slot_reserve(struct tqgpu_engine *engine, struct tqgpu_fence *fence);
/* Of a fence that will not be emitted. */
void tqgpu_slot_forget(struct tqgpu_engine *engine, struct tqgpu_fence *fence);
/* Under the engine's lock. Who waits is next. */
void tqgpu_slot_free(struct tqgpu_engine *engine, struct tqgpu_fence *fence);
void tqgpu_slot_put(struct tqgpu_engine *engine, struct tqgpu_fence *fence, const struct tqgpu_ring_entry *entry);
bool tqgpu_slot_is_done(struct tqgpu_engine *engine, const struct tqgpu_fence *fence, u32 *status, u64 *ticks);
void tqgpu_slots_drop(struct tqgpu_engine *engine, u32 context);
/* The card restarts: what is at work is lost, and nothing is emitted until it has come up. */
void tqgpu_slots_lose(struct tqgpu_engine *engine);
void tqgpu_slots_come_up(struct tqgpu_engine *engine);
int tqgpu_long_init(struct tqgpu_queue *queue);
void tqgpu_long_fini(struct tqgpu_queue *queue);
int tqgpu_ioctl_wait_user_fence(struct drm_device *drm, void *data, struct drm_file *file);

/* tqgpu_interrupt.c */
int tqgpu_interrupt_init(struct tqgpu_device *tq);
void tqgpu_interrupt_fini(struct tqgpu_device *tq);

/* tqgpu_fault.c */
/* Reads new fault records and bans who caused them. Any context; before the fences of the jobs signal. */
void tqgpu_fault_drain(struct tqgpu_device *tq);
void tqgpu_log_work(struct work_struct *work);

/* tqgpu_reset.c */
/* Before there are interrupts, which queue its work; its end comes when there are none any more. */
void tqgpu_reset_init(struct tqgpu_device *tq);
void tqgpu_watchdog_start(struct tqgpu_device *tq);
void tqgpu_reset_fini(struct tqgpu_device *tq);
/* Drops the engine's work up to the given seqno and waits for its end. False: the card does not answer. */
bool tqgpu_engine_cancel(struct tqgpu_engine *engine, u32 seqno);
/* Brings the card up again from its ROM; all work in flight is lost. */
void tqgpu_card_reset(struct tqgpu_device *tq, struct drm_sched_job *guilty);

/* tqgpu_dump.c */
void tqgpu_dump(struct tqgpu_device *tq, struct tqgpu_vm *vm, const char *reason);

/* tqgpu_vm.c */
static inline void tqgpu_vm_get(struct tqgpu_vm *vm)
{
	kref_get(&vm->users);
}
void tqgpu_vm_put(struct tqgpu_vm *vm);
/* The handle is gone. Binds that have not begun are dropped. */
void tqgpu_vm_close(struct tqgpu_vm *vm);
void tqgpu_vm_free(struct tqgpu_vm *vm);
int tqgpu_vm_add_table_page(struct tqgpu_vm *vm, u64 *offset);
void tqgpu_vm_free_table_page(struct tqgpu_vm *vm, u64 offset);
struct tqgpu_vm *tqgpu_vm_lookup(struct tqgpu_file *file, u32 id);
int tqgpu_ioctl_vm_create(struct drm_device *drm, void *data, struct drm_file *file);
int tqgpu_ioctl_vm_destroy(struct drm_device *drm, void *data, struct drm_file *file);
int tqgpu_ioctl_vm_get_state(struct drm_device *drm, void *data, struct drm_file *file);

/* tqgpu_bind.c */
int tqgpu_bind_init(struct tqgpu_device *tq);
void tqgpu_bind_fini(struct tqgpu_device *tq);
int tqgpu_ioctl_vm_bind(struct drm_device *drm, void *data, struct drm_file *file);
/* Forgets all mappings; for a VM that nobody uses any more. */
void tqgpu_bind_forget_all(struct tqgpu_vm *vm);
extern const struct drm_gpuvm_ops tqgpu_gpuvm_ops;

/* tqgpu_queue.c */
struct tqgpu_queue *tqgpu_queue_lookup(struct tqgpu_file *file, u32 id);
void tqgpu_queue_put(struct tqgpu_queue *queue);
void tqgpu_queue_close(struct tqgpu_queue *queue);
/* To a card reset that it did not cause. Any context. */
void tqgpu_queue_lost_work(struct tqgpu_queue *queue);
int tqgpu_ioctl_queue_create(struct drm_device *drm, void *data, struct drm_file *file);
int tqgpu_ioctl_queue_destroy(struct drm_device *drm, void *data, struct drm_file *file);
int tqgpu_ioctl_queue_get_state(struct drm_device *drm, void *data, struct drm_file *file);

/* tqgpu_submit.c */
struct tqgpu_job {
	struct drm_sched_job base;
	struct tqgpu_queue *queue;
	struct tqgpu_fence *hw; /* ours until run; then also its `parent` fence */
	u64 stream_va, stream_size;
};
#define to_tqgpu_job(job_) container_of(job_, struct tqgpu_job, base)
struct dma_fence *tqgpu_job_run(struct drm_sched_job *sched_job);
enum drm_gpu_sched_stat tqgpu_job_timed_out(struct drm_sched_job *sched_job);
void tqgpu_job_free(struct drm_sched_job *sched_job);
int tqgpu_ioctl_submit(struct drm_device *drm, void *data, struct drm_file *file);

/* tqgpu_sync.c: lists of struct drm_tqgpu_sync */
struct tqgpu_signal {
	struct drm_syncobj *syncobj;
	struct dma_fence_chain *chain; /* NULL: binary */
	u64 point;
};
struct tqgpu_signals {
	struct tqgpu_signal *list;
	u32 count;
};
/* Adds the waits to the job and finds the syncobjs to signal. */
int tqgpu_syncs_prepare(struct drm_file *file, u64 pointer, u32 count, struct drm_sched_job *job,
			struct tqgpu_signals *signals);
/* Cannot fail. Empties the list. */
void tqgpu_signals_attach(struct tqgpu_signals *signals, struct dma_fence *fence);
void tqgpu_signals_drop(struct tqgpu_signals *signals);

/* tqgpu_query.c */
int tqgpu_ioctl_dev_query(struct drm_device *drm, void *data, struct drm_file *file);
void tqgpu_show_fdinfo(struct drm_printer *p, struct drm_file *file);

/* tqgpu_hwmon.c, tqgpu_debugfs.c */
void tqgpu_hwmon_init(struct tqgpu_device *tq);
void tqgpu_debugfs_init(struct drm_minor *minor);

#endif
