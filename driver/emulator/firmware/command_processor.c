/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Hart 0: doorbells, the heartbeat, and the engines in turn. */
#include "firmware.h"

#define HEARTBEAT_HZ 10

struct boot_record boot;
extern volatile u32 harts_may_start; /* start.S */

void ring_host(enum tqgpu_host_vector vector)
{
	u32 peer = CONTROL->host_peer;
	fence();
	if (peer != ~0u)
		write32(boot.doorbell + 12, peer << 16 | vector);
}

static void reset_card(void)
{
	write32(FINISHER, 0x7777);
	for (;;)
		wait_for_interrupt();
}

/* Takes all doorbells that rang. What rang does not matter but for a reset: rings are looked at in any case. */
static void take_doorbells(void)
{
	for (;;) {
		u64 top;
		__asm__ volatile("csrrw %0, 0x35c, x0" : "=r"(top)::"memory"); /* mtopei */
		if (!top)
			return;
		CONTROL->doorbells++;
		if ((u32)(top >> 16) - IMSIC_VECTOR_BASE == TQGPU_VECTOR_RESET)
			reset_card();
	}
}

/* For the next heartbeat, or the end of a slice of time that somebody waits for. */
static void set_alarm(u64 next_beat)
{
	static u64 alarm;
	u64 deadline = gang_deadline(&gangs[GANG_COMPUTE]);

	if (deadline > next_beat)
		deadline = next_beat;
	if (deadline != alarm) {
		alarm = deadline;
		write64(CLINT_MTIMECMP(0), alarm);
	}
}

void command_processor_main(void)
{
	u64 next_beat = ticks();

	engine_init();
	fence();
	harts_may_start = 1;
	csr_set(mie, MIE_EXTERNAL | MIE_SOFTWARE | MIE_TIMER);
	CONTROL->vector_bytes = csr_read(0xc22); /* vlenb */
	CONTROL->asid_bits = 16;
	fence();
	CONTROL->boot_state = TQGPU_BOOT_RUNNING;
	fence();
	log_number("firmware runs, harts ", boot.hart_count);
	for (;;) {
		take_doorbells();
		write32(CLINT_MSIP(0), 0);
		fence();
		if (ticks() >= next_beat) {
			next_beat = ticks() + TIMEBASE_HZ / HEARTBEAT_HZ;
			heartbeat();
		}
		/* Control first: a kernel may be waiting for nothing else. */
		engine_step(&engines[TQGPU_ENGINE_CONTROL]);
		engine_step(&engines[TQGPU_ENGINE_COPY]);
		engine_step(&engines[TQGPU_ENGINE_COMPUTE]);
		for (u32 i = 0; i < TQGPU_SLOT_COUNT; i++)
			engine_step(&engines[TQGPU_ENGINE_LONG + i]);
		gang_step(&gangs[GANG_COMPUTE]);
		set_alarm(next_beat);
		while (CONTROL->inject & TQGPU_INJECT_STOP_HEARTBEAT)
			take_doorbells(); /* as if hung, but for the reset line */
		wait_for_interrupt();
	}
}
