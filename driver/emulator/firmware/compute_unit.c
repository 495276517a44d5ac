/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* A hart of an engine: sleeps, takes units of the engine's work until there are none, says so, sleeps. */
#include "firmware.h"

struct hart_context hart_contexts[MAX_HARTS];

static struct engine *engine_of(u64 hart)
{
	struct engine *copy = &engines[TQGPU_ENGINE_COPY];
	return copy->hart_count && hart >= copy->first_hart ? copy : &engines[TQGPU_ENGINE_COMPUTE];
}

/* Answers a request to forget translations. The interrupt is taken back first, so that none gets lost. */
static void take_software_interrupt(u64 hart)
{
	write32(CLINT_MSIP(hart), 0);
	fence();
	engine_forget_translations();
}

/* User code was interrupted. Returns whether it goes on. */
u64 user_interrupted(struct hart_context *context)
{
	u64 hart = context - hart_contexts;
	take_software_interrupt(hart);
	return !*context->stop;
}

static void fail(struct engine *engine, u32 unit, u64 block, struct hart_context *context, u64 hart)
{
	/* Only the first one is told: the others are stopped because of it. */
	if (!__atomic_exchange_n(&engine->work.faulted, 1, __ATOMIC_ACQ_REL))
		record_fault(engine, unit, block, context, hart);
	engine->work.stop = 1;
}

static void run_dispatch(struct engine *engine, struct hart_context *context, u64 hart)
{
	struct work *work = &engine->work;
	const struct tqgpu_packet_dispatch *packet = &work->packet.dispatch;
	u64 slot = hart - engine->first_hart;

	context->next = &work->next;
	context->count = work->count;
	context->stop = &work->stop;
	context->block = 0;
	user_run(context, packet->entry, packet->argument, slot, engine->hart_count,
		 packet->stack + (slot + 1) * packet->stack_stride);
	if (context->cause == 8 && context->x[17] == TQGPU_ECALL_END)
		return;
	if ((int64_t)context->cause < 0)
		return; /* stopped */
	fail(engine, TQGPU_FAULT_UNIT_KERNEL, context->block, context, hart);
}

static u64 run_transfer_unit(const struct work *work, u64 unit)
{
	u64 row = unit / work->units_per_row, offset = unit % work->units_per_row * work->unit_bytes;

	if (work->packet.header.op == TQGPU_PACKET_COPY) {
		const struct tqgpu_packet_copy *copy = &work->packet.copy;
		u64 size = copy->row_bytes - offset < work->unit_bytes ? copy->row_bytes - offset : work->unit_bytes;
		return user_copy(copy->destination + row * copy->destination_pitch + offset,
				 copy->source + row * copy->source_pitch + offset, size);
	}
	const struct tqgpu_packet_fill *fill = &work->packet.fill;
	u64 size = fill->row_bytes - offset < work->unit_bytes ? fill->row_bytes - offset : work->unit_bytes;
	u64 address = fill->destination + row * fill->destination_pitch + offset;
	if (!(address & 7) && !(size & 7))
		return user_fill64(address, fill->pattern, size);
	return user_fill_bytes(address, fill->pattern, size);
}

static void run_transfer(struct engine *engine, struct hart_context *context, u64 hart)
{
	struct work *work = &engine->work;

	while (!work->stop) {
		u64 unit = __atomic_fetch_add(&work->next, 1, __ATOMIC_RELAXED);
		if (unit >= work->count)
			return;
		if (run_transfer_unit(work, unit)) {
			context->x[1] = context->x[2] = 0;
			fail(engine, TQGPU_FAULT_UNIT_COPY, unit, context, hart);
			return;
		}
	}
}

void compute_unit_main(u64 hart)
{
	struct hart_context *context = &hart_contexts[hart];
	struct engine *engine = engine_of(hart);

	csr_set(mie, MIE_SOFTWARE);
	for (;;) {
		/* Looks before it sleeps: what was asked for while the hart came up, the ROM may have taken for its own. */
		take_software_interrupt(hart);
		u32 generation = __atomic_load_n(&engine->work.generation, __ATOMIC_ACQUIRE);
		if (generation == context->seen_generation) {
			while (!(csr_read(mip) & MIE_SOFTWARE))
				wait_for_interrupt();
			continue;
		}
		struct work *work = &engine->work;
		context->seen_generation = generation;

		u64 before = csr_read(minstret);
		csr_write(satp, work->satp);
		forget_translations();
		if (work->packet.header.op == TQGPU_PACKET_DISPATCH)
			run_dispatch(engine, context, hart);
		else
			run_transfer(engine, context, hart);
		csr_write(satp, 0);
		__atomic_fetch_add(&work->instructions, csr_read(minstret) - before, __ATOMIC_RELAXED);
		if (__atomic_sub_fetch(&work->active, 1, __ATOMIC_ACQ_REL) == 0)
			write32(CLINT_MSIP(0), 1);
	}
}
