/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Who has the harts. They go from one engine to the next as a whole, since the threads of a kernel may wait for each other: when
 * its packet is done, or when its slice of time is over and somebody else waits. Without anybody who waits nothing is interrupted.
 */
#include "firmware.h"

#define SLICE_TICKS (TIMEBASE_HZ / 200) /* 5 ms */

struct gang gangs[GANG_COUNT];

void gang_interrupt(const struct gang *gang)
{
	fence();
	for (u32 i = 0; i < gang->hart_count; i++)
		write32(CLINT_MSIP(gang->first_hart + i), 1);
}

/* The next one that waits, after the one that had the harts last. NULL: nobody does. */
static struct engine *next_ready(const struct gang *gang)
{
	for (u32 i = 1; i <= ENGINE_TOTAL; i++) {
		struct engine *engine = &engines[(gang->last + i) % ENGINE_TOTAL];

		if (engine->gang == gang && engine->phase == ENGINE_READY)
			return engine;
	}
	return 0;
}

static void give(struct gang *gang, struct engine *engine)
{
	gang->owner = engine;
	gang->last = engine - engines;
	gang->yield = 0;
	gang->active = gang->hart_count;
	gang->slice_start = ticks();
	gang->slice_end = gang->slice_start + SLICE_TICKS;
	engine->work.instructions = 0;
	engine->slices++;
	engine->phase = ENGINE_WORK;
	__atomic_add_fetch(&gang->generation, 1, __ATOMIC_RELEASE);
	gang_interrupt(gang);
}

void gang_release(struct gang *gang)
{
	struct engine *engine = gang->owner;
	volatile struct tqgpu_engine_state *state = &CONTROL->engine[engine->index];
	u64 ran = ticks() - gang->slice_start;

	gang->owner = 0;
	engine->run_ticks += ran;
	engine->instructions += engine->work.instructions;
	state->instructions += engine->work.instructions;
	if (engine->slot)
		state->busy_ticks += ran; /* of a ring, from an entry's begin to its end */
}

/* Registers of vectors that are too long for a hart_save stay where they are, and so does their owner. */
static int can_yield(const struct gang *gang)
{
	return gang->owner->saves && CONTROL->vector_bytes <= MAX_VECTOR_BYTES;
}

void gang_step(struct gang *gang)
{
	struct engine *next = next_ready(gang);

	if (!next || !gang->hart_count)
		return;
	if (!gang->owner) {
		give(gang, next);
	} else if (!gang->yield && ticks() >= gang->slice_end && can_yield(gang)) {
		gang->yield = 1;
		gang_interrupt(gang);
	}
}

u64 gang_deadline(const struct gang *gang)
{
	return gang->owner && !gang->yield && next_ready(gang) ? gang->slice_end : ~0ul;
}
