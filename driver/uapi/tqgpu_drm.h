/* SPDX-License-Identifier: MIT */
/*
 * User-space interface of the tqgpu driver: a DRM render node.
 *
 * Objects: a VM is an address space of the card; a queue runs command streams (abi/tqgpu_card.h) in one VM; memory is
 * GEM, mapped into VMs by VM_BIND. All synchronisation is explicit, by DRM timeline syncobjs. What a fault means for a
 * process is asked with VM_GET_STATE and QUEUE_GET_STATE: the fence of a job that failed signals like any other.
 *
 * Rules of evolution: fields have fixed widths and are 8-byte aligned; what is called `pad`, and unknown flags, must be
 * zero and are checked; a structure grows at its end, and the kernel reads what is missing as zero (DRM copies by the size
 * in the ioctl number). Nothing is removed or given another meaning.
 */
#ifndef TQGPU_DRM_H
#define TQGPU_DRM_H

#ifdef __KERNEL__
#include <drm/drm.h>
#else
#include "drm.h"
#endif

#if defined(__cplusplus)
extern "C" {
#endif

#define DRM_TQGPU_DEV_QUERY 0x00
#define DRM_TQGPU_GEM_CREATE 0x01
#define DRM_TQGPU_GEM_MMAP_OFFSET 0x02
#define DRM_TQGPU_VM_CREATE 0x03
#define DRM_TQGPU_VM_DESTROY 0x04
#define DRM_TQGPU_VM_BIND 0x05
#define DRM_TQGPU_VM_GET_STATE 0x06
#define DRM_TQGPU_QUEUE_CREATE 0x07
#define DRM_TQGPU_QUEUE_DESTROY 0x08
#define DRM_TQGPU_QUEUE_GET_STATE 0x09
#define DRM_TQGPU_SUBMIT 0x0a
#define DRM_TQGPU_WAIT_USER_FENCE 0x0b

/* DEV_QUERY: writes the structure for `type`, at most `size` bytes of it, and returns the size that the kernel has. With
 * `pointer` 0 only the size is returned. */
enum drm_tqgpu_dev_query_type {
	DRM_TQGPU_DEV_QUERY_INFO = 0,	/* struct drm_tqgpu_dev_info */
	DRM_TQGPU_DEV_QUERY_MEMORY = 1, /* struct drm_tqgpu_dev_memory */
	DRM_TQGPU_DEV_QUERY_USAGE = 2,	/* struct drm_tqgpu_dev_usage */
};
struct drm_tqgpu_dev_query {
	__u32 type;
	__u32 size;
	__u64 pointer;
};
struct drm_tqgpu_dev_info {
	__u32 card_abi;		/* TQGPU_CARD_ABI of the card */
	__u32 firmware_version;
	__u32 hart_count;	/* all of the card's */
	__u32 compute_harts;	/* that run kernels at a time */
	__u32 copy_harts;
	__u32 vector_bytes;	/* VLEN / 8; 0: no vector unit */
	__u64 va_start, va_end;	/* usable addresses */
	__u64 page_size;	/* granularity of VM_BIND */
	__u64 timebase_hz;	/* of timestamps */
	__u32 reset_count;	/* of the whole card, since the driver came up */
	__u32 flags;		/* DRM_TQGPU_DEV_* */
};
#define DRM_TQGPU_DEV_WEDGED (1u << 0) /* the card could not be brought back; every submission fails with ENODEV */

struct drm_tqgpu_dev_memory {
	__u64 vram_size, vram_used;
	__u64 vram_visible_size; /* that user space can map */
	__u64 system_size;	 /* host memory that the card reaches */
};
struct drm_tqgpu_dev_usage { /* live */
	__u64 timestamp;	 /* of the card */
	__u64 busy_ticks[2];	 /* compute, copy */
	__u64 instructions[2];
	__u64 blocks;
	__u64 copied_bytes;
	__u64 frequency_hz;
	__u32 temperature_mc, power_mw;
};

/* GEM_CREATE: memory, cleared. */
#define DRM_TQGPU_PLACE_VRAM (1u << 0)
#define DRM_TQGPU_PLACE_SYSTEM (1u << 1)
#define DRM_TQGPU_GEM_CPU_VISIBLE (1u << 0)
struct drm_tqgpu_gem_create {
	__u64 size;	 /* rounded up to pages on return */
	__u32 placement; /* one of DRM_TQGPU_PLACE_* */
	__u32 flags;
	__u32 handle;	 /* out */
	__u32 pad;
};
struct drm_tqgpu_gem_mmap_offset {
	__u32 handle;
	__u32 pad;
	__u64 offset; /* out: for mmap of the device file */
};

struct drm_tqgpu_vm_create {
	__u32 flags; /* 0 */
	__u32 vm_id; /* out, not 0 */
};
struct drm_tqgpu_vm_destroy {
	__u32 vm_id;
	__u32 pad;
};

/* A point of a timeline syncobj, or a binary one with point 0. */
#define DRM_TQGPU_SYNC_SIGNAL (1u << 0) /* else: wait */
struct drm_tqgpu_sync {
	__u32 syncobj;
	__u32 flags;
	__u64 point;
};

enum drm_tqgpu_bind_op_kind {
	DRM_TQGPU_BIND_MAP = 0,
	DRM_TQGPU_BIND_UNMAP = 1,
	DRM_TQGPU_BIND_MAP_USERPTR = 2, /* `offset` is the address in the calling process */
	DRM_TQGPU_BIND_PROTECT = 3,	/* new rights for what is mapped in the range */
};
#define DRM_TQGPU_BIND_READONLY (1u << 0)
#define DRM_TQGPU_BIND_EXECUTE (1u << 1) /* read-only code; instruction caches are invalidated before use */
struct drm_tqgpu_bind_op {
	__u32 op;
	__u32 flags;
	__u32 handle; /* MAP */
	__u32 pad;
	__u64 offset; /* into the object; multiple of the page size, as are va and size */
	__u64 va;
	__u64 size;
};
/*
 * VM_BIND: the operations take effect in order, after all waits, before all signals, and in order with earlier binds of
 * the VM. All or nothing: on an error none has an effect. Without syncs it returns when they have taken effect.
 */
struct drm_tqgpu_vm_bind {
	__u32 vm_id;
	__u32 flags; /* 0 */
	__u32 op_count;
	__u32 sync_count;
	__u64 ops;   /* struct drm_tqgpu_bind_op[] */
	__u64 syncs; /* struct drm_tqgpu_sync[] */
};

struct drm_tqgpu_fault {
	__u32 queue_id;
	__u32 unit;  /* enum tqgpu_fault_unit */
	__u32 cause; /* RISC-V mcause */
	__u32 hart;
	__u64 address;
	__u64 pc;
	__u64 return_address;
	__u64 stack_pointer;
	__u64 block;
	__u64 argument;
	__u64 packet_va; /* of the packet of the command stream that was at work */
};
/* VM_GET_STATE: a fault bans its VM: nothing more runs in it. */
#define DRM_TQGPU_VM_BANNED (1u << 0)
struct drm_tqgpu_vm_get_state {
	__u32 vm_id;
	__u32 flags;	   /* out */
	__u32 fault_count; /* in: room at `faults`; out: faults there were, the newest first */
	__u32 reset_epoch; /* out: card resets that cost this VM work */
	__u64 faults;	   /* struct drm_tqgpu_fault[] */
	__u32 fault_size;  /* in: bytes of one at `faults`, which may be fewer or more than the kernel has; 0: the first 72 */
	__u32 pad;
};

enum drm_tqgpu_queue_class { DRM_TQGPU_QUEUE_COMPUTE = 0, DRM_TQGPU_QUEUE_COPY = 1 };
enum drm_tqgpu_queue_priority {
	DRM_TQGPU_PRIORITY_LOW = 0,
	DRM_TQGPU_PRIORITY_NORMAL = 1,
	DRM_TQGPU_PRIORITY_HIGH = 2, /* CAP_SYS_NICE */
};
/*
 * Long-running: jobs may take as long as they like, and share the compute harts with those of others by slices of time. They
 * signal no syncobj; their streams write a word (TQGPU_PACKET_WRITE) that WAIT_USER_FENCE waits for. Compute only.
 */
#define DRM_TQGPU_QUEUE_LONG_RUNNING (1u << 0)
struct drm_tqgpu_queue_create {
	__u32 vm_id;
	__u32 queue_class;
	__u32 priority;
	__u32 flags;	/* DRM_TQGPU_QUEUE_LONG_RUNNING */
	__u32 queue_id; /* out, not 0 */
	__u32 pad;
};
/* QUEUE_DESTROY, and the end of the file: work that has not ended is cancelled. */
struct drm_tqgpu_queue_destroy {
	__u32 queue_id;
	__u32 pad;
};
#define DRM_TQGPU_QUEUE_TIMED_OUT (1u << 0) /* a job of it ran for too long */
#define DRM_TQGPU_QUEUE_FAULTED (1u << 1)   /* a job of it faulted */
#define DRM_TQGPU_QUEUE_INNOCENT (1u << 2)  /* lost work to a card reset that it did not cause */
#define DRM_TQGPU_QUEUE_BANNED (1u << 3)    /* no longer runs anything */
struct drm_tqgpu_queue_get_state {
	__u32 queue_id;
	__u32 flags; /* out */
};

/* SUBMIT: jobs in order. A job waits for its waits and the queue's earlier jobs, and signals when its stream has ended,
 * however it ended. */
struct drm_tqgpu_job {
	__u64 stream_va;   /* multiple of 8 */
	__u64 stream_size; /* multiple of 8 */
	__u64 syncs;	   /* struct drm_tqgpu_sync[] */
	__u32 sync_count;
	__u32 pad;
};
struct drm_tqgpu_submit {
	__u32 queue_id;
	__u32 job_count;
	__u64 jobs; /* struct drm_tqgpu_job[] */
};

/*
 * WAIT_USER_FENCE: until the 64-bit word at `address` of the calling process is at least `value`. It is looked at whenever work
 * of the card ends. ETIME; ECANCELED: the queue or its VM is banned, or lost work to a card reset meanwhile; ENODEV.
 */
struct drm_tqgpu_wait_user_fence {
	__u64 address; /* multiple of 8 */
	__u64 value;
	__s64 deadline_ns; /* CLOCK_MONOTONIC */
	__u32 queue_id;	   /* whose work is to write it */
	__u32 flags;	   /* 0 */
};

#define DRM_IOCTL_TQGPU_DEV_QUERY DRM_IOWR(DRM_COMMAND_BASE + DRM_TQGPU_DEV_QUERY, struct drm_tqgpu_dev_query)
#define DRM_IOCTL_TQGPU_GEM_CREATE DRM_IOWR(DRM_COMMAND_BASE + DRM_TQGPU_GEM_CREATE, struct drm_tqgpu_gem_create)
#define DRM_IOCTL_TQGPU_GEM_MMAP_OFFSET \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_TQGPU_GEM_MMAP_OFFSET, struct drm_tqgpu_gem_mmap_offset)
#define DRM_IOCTL_TQGPU_VM_CREATE DRM_IOWR(DRM_COMMAND_BASE + DRM_TQGPU_VM_CREATE, struct drm_tqgpu_vm_create)
#define DRM_IOCTL_TQGPU_VM_DESTROY DRM_IOW(DRM_COMMAND_BASE + DRM_TQGPU_VM_DESTROY, struct drm_tqgpu_vm_destroy)
#define DRM_IOCTL_TQGPU_VM_BIND DRM_IOW(DRM_COMMAND_BASE + DRM_TQGPU_VM_BIND, struct drm_tqgpu_vm_bind)
#define DRM_IOCTL_TQGPU_VM_GET_STATE DRM_IOWR(DRM_COMMAND_BASE + DRM_TQGPU_VM_GET_STATE, struct drm_tqgpu_vm_get_state)
#define DRM_IOCTL_TQGPU_QUEUE_CREATE DRM_IOWR(DRM_COMMAND_BASE + DRM_TQGPU_QUEUE_CREATE, struct drm_tqgpu_queue_create)
#define DRM_IOCTL_TQGPU_QUEUE_DESTROY DRM_IOW(DRM_COMMAND_BASE + DRM_TQGPU_QUEUE_DESTROY, struct drm_tqgpu_queue_destroy)
#define DRM_IOCTL_TQGPU_QUEUE_GET_STATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_TQGPU_QUEUE_GET_STATE, struct drm_tqgpu_queue_get_state)
#define DRM_IOCTL_TQGPU_SUBMIT DRM_IOW(DRM_COMMAND_BASE + DRM_TQGPU_SUBMIT, struct drm_tqgpu_submit)
#define DRM_IOCTL_TQGPU_WAIT_USER_FENCE \
	DRM_IOW(DRM_COMMAND_BASE + DRM_TQGPU_WAIT_USER_FENCE, struct drm_tqgpu_wait_user_fence)

#if defined(__cplusplus)
}
#endif

#endif
