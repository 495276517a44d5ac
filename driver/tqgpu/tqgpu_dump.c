// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What one wants to know after a hang, as text in a device core dump (/sys/class/devcoredump). */
#include <linux/devcoredump.h>
#include <linux/vmalloc.h>

#include "tqgpu_device.h"

#define TQGPU_DUMP_SIZE (64 << 10)

struct tqgpu_text {
	char *data;
	size_t length;
};

static __printf(2, 3) void tqgpu_text_add(struct tqgpu_text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text->length += vscnprintf(text->data + text->length, TQGPU_DUMP_SIZE - text->length, format, args);
	va_end(args);
}

static void tqgpu_dump_engine(struct tqgpu_device *tq, struct tqgpu_text *text, int class)
{
	const struct tqgpu_engine_state *state = (const void *)&tq->control->engine[class];
	const struct tqgpu_ring_entry *ring = (const void *)(tq->vram + TQGPU_RING_OFFSET(class));
	u32 i;

	tqgpu_text_add(text, "engine %d: head %u tail %u done %u running %u cancel %u harts %u blocks %llu\n", class,
		       state->head, state->tail, state->done_seqno, state->running_seqno, state->cancel_seqno,
		       state->hart_count, state->blocks);
	for (i = 0; i < TQGPU_RING_ENTRIES; i++) {
		const struct tqgpu_ring_entry *entry = &ring[i];

		if (entry->seqno && (s32)(entry->seqno - state->done_seqno) > 0)
			tqgpu_text_add(text, "  entry %u: op %u satp %#llx address %#llx size %#llx context %u\n",
				       entry->seqno, entry->op, entry->satp, entry->address, entry->size, entry->context);
	}
}

static void tqgpu_dump_faults(struct tqgpu_text *text, struct tqgpu_vm *vm)
{
	u32 i, kept = min_t(u32, vm->fault_count, TQGPU_FAULTS_KEPT);

	for (i = 0; i < kept; i++) {
		const struct drm_tqgpu_fault *fault = &vm->faults[(vm->fault_count - 1 - i) % TQGPU_FAULTS_KEPT];
		u32 level = 0;
		u64 pte = tqgpu_pt_lookup(&vm->pt, fault->address & (BIT_ULL(TQGPU_VA_BITS) - 1), &level);

		tqgpu_text_add(text, "fault: cause %u address %#llx (entry %#llx at level %u) pc %#llx ra %#llx sp %#llx block %llu hart %u\n",
			       fault->cause, fault->address, pte, level, fault->pc, fault->return_address,
			       fault->stack_pointer, fault->block, fault->hart);
	}
}

static void tqgpu_dump_log(struct tqgpu_device *tq, struct tqgpu_text *text)
{
	u32 tail = tq->control->log_tail, at = tail > TQGPU_LOG_SIZE ? tail - TQGPU_LOG_SIZE : 0;

	tqgpu_text_add(text, "firmware log:\n");
	for (; at != tail; at++)
		tqgpu_text_add(text, "%c", tq->vram[TQGPU_LOG_OFFSET + at % TQGPU_LOG_SIZE]);
}

void tqgpu_dump(struct tqgpu_device *tq, struct tqgpu_vm *vm, const char *reason)
{
	struct tqgpu_text text = {};
	int class;

	text.data = vzalloc(TQGPU_DUMP_SIZE);
	if (!text.data)
		return;
	tqgpu_text_add(&text, "tqgpu: %s\ncard abi %#x firmware %#x boots %u state %u harts %u heartbeat %llu doorbells %u\n",
		       reason, tq->control->abi, tq->control->firmware_version, tq->control->boot_count,
		       tq->control->boot_state, tq->control->hart_count, tq->control->heartbeat, tq->control->doorbells);
	for (class = 0; class < TQGPU_ENGINE_LONG; class++)
		tqgpu_dump_engine(tq, &text, class);
	if (vm) {
		tqgpu_text_add(&text, "vm: asid %u root %#llx\n", vm->asid, vm->pt.root);
		tqgpu_dump_faults(&text, vm);
	}
	tqgpu_dump_log(tq, &text);
	dev_coredumpv(tq->drm.dev, text.data, text.length, GFP_KERNEL); /* takes the text over */
}
