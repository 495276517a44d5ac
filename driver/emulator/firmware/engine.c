/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Rings and command streams, on the command processor. Nothing here waits: an engine with harts at work is looked at
 * again when they say that they are done. */
#include "firmware.h"

#define TRANSFER_UNIT_BYTES 65536ul
#define SLOTS ((volatile struct tqgpu_slot *)(VRAM_WINDOW + TQGPU_SLOT_OFFSET))

struct engine engines[ENGINE_TOTAL];
static struct hart_save saves[1 + TQGPU_SLOT_COUNT][MAX_HARTS] __attribute__((section(".noinit"), aligned(64)));
static volatile u32 tlb_requested;

static volatile struct tqgpu_engine_state *state_of(const struct engine *engine)
{
	return &CONTROL->engine[engine->index];
}

void engine_init(void)
{
	u32 workers = boot.hart_count - 1;
	u32 copiers = workers > 1; /* a lone worker serves compute; the copy ring then has nobody */

	gangs[GANG_COMPUTE].first_hart = 1;
	gangs[GANG_COMPUTE].hart_count = workers - copiers;
	gangs[GANG_COPY].first_hart = boot.hart_count - copiers;
	gangs[GANG_COPY].hart_count = copiers;
	for (u32 i = 0; i < TQGPU_ENGINE_LONG; i++)
		engines[i].index = i;
	engines[TQGPU_ENGINE_COMPUTE].gang = &gangs[GANG_COMPUTE];
	engines[TQGPU_ENGINE_COMPUTE].saves = saves[TQGPU_SLOT_COUNT];
	engines[TQGPU_ENGINE_COPY].gang = &gangs[GANG_COPY];
	for (u32 i = 0; i < TQGPU_SLOT_COUNT; i++) {
		struct engine *engine = &engines[TQGPU_ENGINE_LONG + i];

		engine->index = TQGPU_ENGINE_LONG;
		engine->slot = &SLOTS[i];
		engine->gang = &gangs[GANG_COMPUTE];
		engine->saves = saves[i];
	}
	CONTROL->engine[TQGPU_ENGINE_COMPUTE].hart_count = gangs[GANG_COMPUTE].hart_count;
	CONTROL->engine[TQGPU_ENGINE_COPY].hart_count = gangs[GANG_COPY].hart_count;
	CONTROL->engine[TQGPU_ENGINE_LONG].hart_count = gangs[GANG_COMPUTE].hart_count;
}

/* On any hart: does what was asked for since last time. */
void engine_forget_translations(void)
{
	u32 requested = tlb_requested;
	forget_translations();
	fence();
	hart_contexts[this_hart()].tlb_acknowledged = requested;
	fence();
	write32(CLINT_MSIP(0), 1);
}

static void invalidate_translations(void)
{
	tlb_requested++;
	for (u32 i = 0; i < GANG_COUNT; i++)
		gang_interrupt(&gangs[i]);
	forget_translations();
	/* Bounded: user code is interrupted, and a piece of a copy is short. A hart that spins would keep an emulator with
	 * one thread from running the others. The interrupt stays pending until the main loop takes it. */
	for (u32 hart = 1; hart < boot.hart_count; hart++) {
		while (hart_contexts[hart].tlb_acknowledged != tlb_requested)
			wait_for_interrupt();
	}
	fence();
}

/* The emulator keeps translated code of memory that only the host wrote. A write by one of the card's own harts makes
 * it look again: an instruction cache that is not coherent with the bus, as many are. */
static u32 invalidate_code(u64 address, u64 size)
{
	u64 vram_end = VRAM_WINDOW + CONTROL->vram_size, host_end = HOST_WINDOW + boot.host_size;
	int in_vram = address >= VRAM_WINDOW && address < vram_end && size <= vram_end - address;
	int in_host = address >= HOST_WINDOW && address < host_end && size <= host_end - address;

	if ((address | size) & 7 || (!in_vram && !in_host))
		return TQGPU_COMPLETION_BAD_STREAM;
	/* One word for each 64 bytes would do for lines; the emulator invalidates by page, but only what was written. */
	volatile u64 *word = (volatile u64 *)address;
	for (u64 i = 0; i < size / 8; i++)
		word[i] = word[i];
	invalidate_translations();
	return TQGPU_COMPLETION_OK;
}

static int is_cancelled(const struct engine *engine)
{
	if (engine->slot)
		return engine->slot->cancel_seqno == engine->entry.seqno;
	return (int32_t)(state_of(engine)->cancel_seqno - engine->entry.seqno) >= 0;
}

/* What a slot's work came to, and that it has ended. */
static void finish_slot(struct engine *engine, u32 status)
{
	volatile struct tqgpu_slot *slot = engine->slot;

	slot->status = status;
	slot->run_ticks = engine->run_ticks;
	slot->instructions = engine->instructions;
	slot->slices = engine->slices;
	engine->phase = ENGINE_IDLE;
	fence();
	slot->done_seqno = engine->entry.seqno;
	fence();
	ring_host(TQGPU_HOST_VECTOR_COMPLETION);
}

static void finish(struct engine *engine, u32 status)
{
	if (engine->slot) {
		finish_slot(engine, status);
		return;
	}
	volatile struct tqgpu_engine_state *state = state_of(engine);
	volatile struct tqgpu_completion *completion =
		(volatile struct tqgpu_completion *)(VRAM_WINDOW + TQGPU_COMPLETION_OFFSET(engine->index)) +
		engine->entry.seqno % TQGPU_RING_ENTRIES;
	u64 now = ticks();

	completion->seqno = engine->entry.seqno;
	completion->status = status;
	completion->start_ticks = engine->start_ticks;
	completion->end_ticks = now;
	completion->instructions = engine->instructions;
	state->busy_ticks += now - engine->start_ticks;
	state->running_seqno = 0;
	engine->phase = ENGINE_IDLE;
	if (CONTROL->inject & TQGPU_INJECT_DROP_COMPLETION) {
		CONTROL->inject &= ~TQGPU_INJECT_DROP_COMPLETION;
		return;
	}
	fence();
	state->done_seqno = engine->entry.seqno;
	fence();
	ring_host(TQGPU_HOST_VECTOR_COMPLETION);
}

static void stream_fault(struct engine *engine, u64 cause, u32 status)
{
	struct hart_context *context = &hart_contexts[0];

	if (cause)
		context->cause = cause - 1;
	else
		context->cause = context->value = 0;
	context->pc = engine->entry.address + engine->offset;
	context->x[1] = context->x[2] = 0;
	record_fault(engine, TQGPU_FAULT_UNIT_STREAM, engine->offset, context, 0);
	finish(engine, status);
}

static const u8 packet_bytes[TQGPU_PACKET_COUNT] = {
	[TQGPU_PACKET_NOP] = sizeof(struct tqgpu_packet_header),
	[TQGPU_PACKET_DISPATCH] = sizeof(struct tqgpu_packet_dispatch),
	[TQGPU_PACKET_COPY] = sizeof(struct tqgpu_packet_copy),
	[TQGPU_PACKET_FILL] = sizeof(struct tqgpu_packet_fill),
	[TQGPU_PACKET_WRITE] = sizeof(struct tqgpu_packet_write),
	[TQGPU_PACKET_TIMESTAMP] = sizeof(struct tqgpu_packet_timestamp),
};

/* Reads the packet at the engine's offset into its work. Returns 1 when the stream is bad, and has said so. */
static int fetch_packet(struct engine *engine)
{
	struct work *work = &engine->work;
	u64 address = engine->entry.address + engine->offset, cause;

	cause = user_load(&work->packet.words[0], address);
	if (cause) {
		stream_fault(engine, cause, TQGPU_COMPLETION_FAULT);
		return 1;
	}
	u32 op = work->packet.header.op, size = work->packet.header.size_bytes;
	if (op >= TQGPU_PACKET_COUNT || size < packet_bytes[op] || size & 7 ||
	    size > engine->entry.size - engine->offset) {
		stream_fault(engine, 0, TQGPU_COMPLETION_BAD_STREAM);
		return 1;
	}
	for (u32 i = 1; i < packet_bytes[op] / 8; i++) {
		cause = user_load(&work->packet.words[i], address + 8 * i);
		if (cause) {
			stream_fault(engine, cause, TQGPU_COMPLETION_FAULT);
			return 1;
		}
	}
	return 0;
}

static void start_work(struct engine *engine, u64 units)
{
	struct work *work = &engine->work;

	work->satp = engine->entry.satp;
	work->next = 0;
	work->count = units;
	work->stop = work->faulted = work->is_stopping = 0;
	for (u32 i = 0; i < engine->gang->hart_count; i++)
		engine->progress[i] = HART_FRESH;
	engine->phase = ENGINE_READY;
	gang_step(engine->gang);
}

static void start_transfer(struct engine *engine, u64 row_bytes, u64 rows)
{
	struct work *work = &engine->work;

	work->unit_bytes = TRANSFER_UNIT_BYTES;
	work->units_per_row = (row_bytes + work->unit_bytes - 1) / work->unit_bytes;
	state_of(engine)->bytes += row_bytes * rows;
	start_work(engine, work->units_per_row * rows);
}

static int pattern_fits(const struct tqgpu_packet_fill *fill)
{
	u32 bytes = fill->pattern_bytes;
	return (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8) && fill->row_bytes % bytes == 0;
}

/* The pattern in all of 64 bits, so that a fill need not know how long it was. */
static u64 widen(u64 pattern, u32 bytes)
{
	for (; bytes < 8; bytes *= 2)
		pattern = (pattern & ((1ul << 8 * bytes) - 1)) * ((1ul << 8 * bytes) + 1);
	return pattern;
}

/* Runs or starts the packet that was fetched. */
static void run_packet(struct engine *engine)
{
	struct work *work = &engine->work;
	u64 cause = 0;

	switch (work->packet.header.op) {
	case TQGPU_PACKET_DISPATCH:
		if (engine->gang != &gangs[GANG_COMPUTE] || work->packet.dispatch.stack_stride & 15) {
			stream_fault(engine, 0, TQGPU_COMPLETION_BAD_STREAM);
			return;
		}
		if (work->packet.dispatch.block_count)
			start_work(engine, work->packet.dispatch.block_count);
		break;
	case TQGPU_PACKET_COPY:
		if (work->packet.copy.row_bytes && work->packet.copy.rows)
			start_transfer(engine, work->packet.copy.row_bytes, work->packet.copy.rows);
		break;
	case TQGPU_PACKET_FILL:
		if (!pattern_fits(&work->packet.fill)) {
			stream_fault(engine, 0, TQGPU_COMPLETION_BAD_STREAM);
			return;
		}
		work->packet.fill.pattern = widen(work->packet.fill.pattern, work->packet.fill.pattern_bytes);
		if (work->packet.fill.row_bytes && work->packet.fill.rows)
			start_transfer(engine, work->packet.fill.row_bytes, work->packet.fill.rows);
		break;
	case TQGPU_PACKET_WRITE:
		fence();
		cause = work->packet.write.value_bytes == 4
				? user_store32(work->packet.write.destination, work->packet.write.value)
				: user_store64(work->packet.write.destination, work->packet.write.value);
		break;
	case TQGPU_PACKET_TIMESTAMP:
		cause = user_store64(work->packet.timestamp.destination,
				     ticks() * (work->packet.timestamp.multiplier ? work->packet.timestamp.multiplier : 1));
		break;
	}
	if (cause) {
		stream_fault(engine, cause, TQGPU_COMPLETION_FAULT);
		return;
	}
	if (engine->phase == ENGINE_STREAM)
		engine->offset += work->packet.header.size_bytes;
}

static void step_stream(struct engine *engine)
{
	if (is_cancelled(engine)) {
		finish(engine, TQGPU_COMPLETION_CANCELLED);
		return;
	}
	if (engine->offset >= engine->entry.size) {
		finish(engine, TQGPU_COMPLETION_OK);
		return;
	}
	csr_write(satp, engine->entry.satp);
	forget_translations();
	if (!fetch_packet(engine))
		run_packet(engine);
	csr_write(satp, 0);
}

/* Whether there is something to begin with. */
static int has_entry(const struct engine *engine)
{
	if (engine->slot)
		return engine->slot->seqno != engine->entry.seqno;
	return state_of(engine)->head != state_of(engine)->tail;
}

static void fetch_slot(struct engine *engine)
{
	volatile struct tqgpu_slot *slot = engine->slot;

	fence();
	engine->entry.op = TQGPU_RING_EXECUTE;
	engine->entry.seqno = slot->seqno;
	engine->entry.satp = slot->satp;
	engine->entry.address = slot->address;
	engine->entry.size = slot->size;
	engine->entry.context = slot->context;
	fence();
}

static void fetch_entry(struct engine *engine)
{
	volatile struct tqgpu_engine_state *state = state_of(engine);
	const volatile u64 *from = (const volatile u64 *)(VRAM_WINDOW + TQGPU_RING_OFFSET(engine->index) +
							  state->head % TQGPU_RING_ENTRIES * sizeof(engine->entry));
	u64 *to = (u64 *)&engine->entry;

	fence();
	for (u32 i = 0; i < sizeof(engine->entry) / 8; i++)
		to[i] = from[i];
	fence();
	state->head++;
	state->running_seqno = engine->entry.seqno;
}

static void start_entry(struct engine *engine)
{
	if (engine->slot)
		fetch_slot(engine);
	else
		fetch_entry(engine);
	engine->start_ticks = ticks();
	engine->run_ticks = engine->slices = engine->instructions = 0;
	engine->offset = 0;
	if (is_cancelled(engine)) {
		finish(engine, TQGPU_COMPLETION_CANCELLED);
		return;
	}
	switch (engine->entry.op) {
	case TQGPU_RING_NOP:
		finish(engine, TQGPU_COMPLETION_OK);
		break;
	case TQGPU_RING_EXECUTE:
		if (engine->gang && engine->gang->hart_count && !((engine->entry.address | engine->entry.size) & 7))
			engine->phase = ENGINE_STREAM;
		else
			stream_fault(engine, 0, TQGPU_COMPLETION_BAD_STREAM);
		break;
	case TQGPU_RING_INVALIDATE_CODE:
		finish(engine, invalidate_code(engine->entry.address, engine->entry.size));
		break;
	case TQGPU_RING_INVALIDATE_TLB:
		invalidate_translations();
		finish(engine, TQGPU_COMPLETION_OK);
		break;
	default:
		stream_fault(engine, 0, TQGPU_COMPLETION_BAD_STREAM);
	}
}

static int all_harts_are_done(const struct engine *engine)
{
	for (u32 i = 0; i < engine->gang->hart_count; i++) {
		if (engine->progress[i] != HART_DONE)
			return 0;
	}
	return 1;
}

/* Returns whether there is something to do at once. */
static int step_work(struct engine *engine)
{
	struct work *work = &engine->work;

	if (__atomic_load_n(&engine->gang->active, __ATOMIC_ACQUIRE)) {
		if ((is_cancelled(engine) || work->faulted) && !work->is_stopping) {
			work->is_stopping = 1;
			work->stop = 1;
			gang_interrupt(engine->gang);
		}
		return 0;
	}
	gang_release(engine->gang);
	if (!work->stop && !all_harts_are_done(engine)) {
		engine->phase = ENGINE_READY; /* its time was over */
		return 1;
	}
	if (work->packet.header.op == TQGPU_PACKET_DISPATCH)
		state_of(engine)->blocks += work->next < work->count ? work->next : work->count;
	if (work->faulted) {
		finish(engine, TQGPU_COMPLETION_FAULT);
	} else if (work->stop) {
		finish(engine, TQGPU_COMPLETION_CANCELLED);
	} else {
		engine->offset += work->packet.header.size_bytes;
		engine->phase = ENGINE_STREAM;
	}
	return 1;
}

void engine_step(struct engine *engine)
{
	for (;;) {
		if (engine->phase == ENGINE_WORK) {
			if (!step_work(engine))
				return;
		} else if (engine->phase == ENGINE_READY) {
			if (!is_cancelled(engine))
				return;
			finish(engine, TQGPU_COMPLETION_CANCELLED);
		} else if (engine->phase == ENGINE_STREAM) {
			step_stream(engine);
		} else if (has_entry(engine)) {
			start_entry(engine);
		} else {
			return;
		}
	}
}
