// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Fault records and the firmware's log. */
#include <drm/drm_drv.h>

#include "tqgpu_device.h"
#include "tqgpu_trace.h"

static const char *tqgpu_cause_name(u32 cause)
{
	switch (cause) {
	case 1:
	case 5:
	case 7:
		return "access to memory that is fenced off";
	case 2:
		return "illegal instruction";
	case 4:
	case 6:
		return "misaligned access";
	case 12:
		return "instruction page fault";
	case 13:
		return "load page fault";
	case 15:
		return "store page fault";
	case TQGPU_FAULT_CAUSE_ECALL:
		return "trap";
	default:
		return "bad command stream";
	}
}

static void tqgpu_vm_add_fault(struct tqgpu_vm *vm, u32 queue_id, const struct tqgpu_fault_record *record)
{
	unsigned long irq;

	spin_lock_irqsave(&vm->fault_lock, irq);
	vm->faults[vm->fault_count++ % TQGPU_FAULTS_KEPT] = (struct drm_tqgpu_fault){
		.queue_id = queue_id,
		.unit = record->unit,
		.cause = record->cause,
		.hart = record->hart,
		.address = record->address,
		.pc = record->pc,
		.return_address = record->return_address,
		.stack_pointer = record->stack_pointer,
		.block = record->block,
		.argument = record->argument,
		.packet_va = record->packet,
	};
	WRITE_ONCE(vm->banned, true);
	spin_unlock_irqrestore(&vm->fault_lock, irq);
}

static void tqgpu_fault_one(struct tqgpu_device *tq, const struct tqgpu_fault_record *record)
{
	struct tqgpu_queue *queue;
	unsigned long irq;

	trace_tqgpu_fault(record->context, record->cause, record->address, record->pc);
	drm_err_ratelimited(&tq->drm, "%s at %#llx, pc %#llx, block %llu, hart %u, queue %u\n",
			    tqgpu_cause_name(record->cause), record->address, record->pc, record->block, record->hart,
			    record->context);
	xa_lock_irqsave(&tq->queues, irq);
	queue = xa_load(&tq->queues, record->context);
	if (queue) {
		atomic_or(DRM_TQGPU_QUEUE_FAULTED | DRM_TQGPU_QUEUE_BANNED, &queue->flags);
		tqgpu_vm_add_fault(queue->vm, queue->id, record);
	}
	xa_unlock_irqrestore(&tq->queues, irq);
}

void tqgpu_fault_drain(struct tqgpu_device *tq)
{
	const struct tqgpu_fault_record *records = (const void *)(tq->vram + TQGPU_FAULT_OFFSET);
	struct tqgpu_fault_record record;
	unsigned long irq;
	u32 tail;

	spin_lock_irqsave(&tq->fault_lock, irq);
	tail = READ_ONCE(tq->control->fault_tail);
	rmb(); /* the tail before the records */
	if (tail - tq->faults_read > TQGPU_FAULT_COUNT)
		tq->faults_read = tail - TQGPU_FAULT_COUNT; /* the oldest are overwritten */
	while (tq->faults_read != tail) {
		record = records[tq->faults_read++ % TQGPU_FAULT_COUNT];
		tqgpu_fault_one(tq, &record);
	}
	spin_unlock_irqrestore(&tq->fault_lock, irq);
	wake_up_all(&tq->user_fences);
}

/* Lines of the firmware go into the kernel's log, at a level that is off by default. */
void tqgpu_log_work(struct work_struct *work)
{
	struct tqgpu_device *tq = container_of(work, struct tqgpu_device, log_work);
	u32 tail, length = 0;
	char line[120];
	int idx;

	if (!drm_dev_enter(&tq->drm, &idx))
		return;
	tail = READ_ONCE(tq->control->log_tail);
	if (tail - tq->log_read > TQGPU_LOG_SIZE)
		tq->log_read = tail - TQGPU_LOG_SIZE;
	while (tq->log_read != tail) {
		char c = tq->vram[TQGPU_LOG_OFFSET + tq->log_read++ % TQGPU_LOG_SIZE];

		if (c != '\n' && length < sizeof(line) - 1) {
			line[length++] = c;
			continue;
		}
		line[length] = 0;
		length = 0;
		drm_dbg_driver(&tq->drm, "firmware: %s\n", line);
	}
	drm_dev_exit(idx);
}

#ifdef CONFIG_TQGPU_KUNIT
#include "kunit/tqgpu_fault_kunit.c"
#endif
