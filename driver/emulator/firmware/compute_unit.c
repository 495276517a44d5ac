/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* A hart of an engine: sleeps, takes units of the engine's work until there are none, says so, sleeps. */
#include "firmware.h"

struct hart_context hart_contexts[MAX_HARTS];

static struct gang *gang_of(u64 hart)
{
	struct gang *copy = &gangs[GANG_COPY];
	return copy->hart_count && hart >= copy->first_hart ? copy : &gangs[GANG_COMPUTE];
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
	return !*context->stop && !gang_of(hart)->yield;
}

static void fail(struct engine *engine, u32 unit, u64 block, struct hart_context *context, u64 hart)
{
	/* Only the first one is told: the others are stopped because of it. */
	if (!__atomic_exchange_n(&engine->work.faulted, 1, __ATOMIC_ACQ_REL))
		record_fault(engine, unit, block, context, hart);
	engine->work.stop = 1;
	write32(CLINT_MSIP(0), 1); /* which interrupts the others */
}

static void put_away(struct hart_save *save, const struct hart_context *context)
{
	for (u32 i = 1; i < 32; i++)
		save->x[i] = context->x[i];
	save->pc = context->pc;
	save->block = context->block;
	save_user_registers(save);
}

static void go_on(struct hart_context *context, const struct hart_save *save)
{
	for (u32 i = 1; i < 32; i++)
		context->x[i] = save->x[i];
	context->pc = save->pc;
	context->block = save->block;
	user_resume(context, save);
}

/* Returns how far the hart is. */
static enum hart_progress run_dispatch(struct engine *engine, struct hart_context *context, u64 hart)
{
	struct work *work = &engine->work;
	const struct tqgpu_packet_dispatch *packet = &work->packet.dispatch;
	u64 slot = hart - engine->gang->first_hart;

	context->next = &work->next;
	context->count = work->count;
	context->stop = &work->stop;
	context->block = 0;
	if (engine->progress[slot] == HART_SAVED)
		go_on(context, &engine->saves[slot]);
	else
		user_run(context, packet->entry, packet->argument, slot, engine->gang->hart_count,
			 packet->stack + (slot + 1) * packet->stack_stride);
	if (context->cause == 8 && context->x[17] == TQGPU_ECALL_END)
		return HART_DONE;
	if ((int64_t)context->cause < 0) {
		if (work->stop)
			return HART_DONE;
		put_away(&engine->saves[slot], context);
		return HART_SAVED;
	}
	fail(engine, TQGPU_FAULT_UNIT_KERNEL, context->block, context, hart);
	return HART_DONE;
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

static enum hart_progress run_transfer(struct engine *engine, struct hart_context *context, u64 hart)
{
	struct work *work = &engine->work;

	while (!work->stop) {
		if (engine->gang->yield)
			return HART_FRESH;
		u64 unit = __atomic_fetch_add(&work->next, 1, __ATOMIC_RELAXED);
		if (unit >= work->count)
			break;
		if (run_transfer_unit(work, unit)) {
			context->x[1] = context->x[2] = 0;
			fail(engine, TQGPU_FAULT_UNIT_COPY, unit, context, hart);
			break;
		}
	}
	return HART_DONE;
}

void compute_unit_main(u64 hart)
{
	struct hart_context *context = &hart_contexts[hart];
	struct gang *gang = gang_of(hart);
	u64 slot = hart - gang->first_hart;

	csr_set(mie, MIE_SOFTWARE);
	for (;;) {
		/* Looks before it sleeps: what was asked for while the hart came up, the ROM may have taken for its own. */
		take_software_interrupt(hart);
		u32 generation = __atomic_load_n(&gang->generation, __ATOMIC_ACQUIRE);
		if (generation == context->seen_generation) {
			while (!(csr_read(mip) & MIE_SOFTWARE))
				wait_for_interrupt();
			continue;
		}
		struct engine *engine = gang->owner;
		struct work *work = &engine->work;
		context->seen_generation = generation;

		/* Looks here: an interrupt that said so may have come before this hart was awake. */
		if (engine->progress[slot] != HART_DONE && !work->stop && !gang->yield) {
			u64 before = csr_read(minstret);
			csr_write(satp, work->satp);
			forget_translations();
			engine->progress[slot] = work->packet.header.op == TQGPU_PACKET_DISPATCH
							 ? run_dispatch(engine, context, hart)
							 : run_transfer(engine, context, hart);
			csr_write(satp, 0);
			__atomic_fetch_add(&work->instructions, csr_read(minstret) - before, __ATOMIC_RELAXED);
		}
		if (__atomic_sub_fetch(&gang->active, 1, __ATOMIC_ACQ_REL) == 0)
			write32(CLINT_MSIP(0), 1);
	}
}
