/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What the card tells of itself: fault records, log, heartbeat and sensors. */
#include "firmware.h"

static volatile u32 record_lock, log_lock;

static void lock(volatile u32 *word)
{
	while (__atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE))
		;
}
static void unlock(volatile u32 *word) { __atomic_store_n(word, 0, __ATOMIC_RELEASE); }

void record_fault(struct engine *engine, u32 unit, u64 block, const struct hart_context *context, u32 hart)
{
	lock(&record_lock);
	u32 index = CONTROL->fault_tail + 1;
	volatile struct tqgpu_fault_record *record =
		(volatile struct tqgpu_fault_record *)(VRAM_WINDOW + TQGPU_FAULT_OFFSET) +
		(index - 1) % TQGPU_FAULT_COUNT;
	record->index = 0;
	fence();
	record->engine = engine->index;
	record->seqno = engine->entry.seqno;
	record->context = engine->entry.context;
	record->unit = unit;
	record->cause = (u32)context->cause;
	record->address = context->value;
	record->pc = context->pc;
	record->return_address = context->x[1];
	record->stack_pointer = context->x[2];
	record->block = block;
	record->hart = hart;
	record->ticks = ticks();
	record->argument = context->cause == 8 ? context->x[10] : 0;
	record->packet = engine->entry.address + engine->offset;
	fence();
	record->index = index;
	CONTROL->fault_tail = index;
	unlock(&record_lock);
	ring_host(TQGPU_HOST_VECTOR_FAULT);
}

static void put(char c)
{
	while (!(*(volatile u8 *)(UART + 5) & 0x20))
		;
	*(volatile u8 *)UART = (u8)c;
	((volatile u8 *)(VRAM_WINDOW + TQGPU_LOG_OFFSET))[CONTROL->log_tail % TQGPU_LOG_SIZE] = (u8)c;
	CONTROL->log_tail++;
}

static void put_text(const char *text)
{
	while (*text)
		put(*text++);
}

static void put_hex(u64 value)
{
	int shift = 60;
	while (shift && !(value >> shift & 15))
		shift -= 4;
	put_text("0x");
	for (; shift >= 0; shift -= 4)
		put("0123456789abcdef"[value >> shift & 15]);
}

static void end_line(void)
{
	put('\n');
	ring_host(TQGPU_HOST_VECTOR_LOG);
}

void log_number(const char *text, u64 value)
{
	lock(&log_lock);
	put_text(text);
	put_hex(value);
	end_line();
	unlock(&log_lock);
}

/* An exception of the firmware's own: nothing can be trusted any more but this line. */
void firmware_panic(u64 cause, u64 pc, u64 value)
{
	put_text("panic: cause ");
	put_hex(cause);
	put_text(" pc ");
	put_hex(pc);
	put_text(" value ");
	put_hex(value);
	end_line();
	CONTROL->boot_state = TQGPU_BOOT_PANIC;
	fence();
	ring_host(TQGPU_HOST_VECTOR_FAULT);
	for (;;) {
		/* The reset line still works. */
		u64 top;
		__asm__ volatile("csrrw %0, 0x35c, x0" : "=r"(top)::"memory");
		if ((u32)(top >> 16) == IMSIC_VECTOR_BASE + TQGPU_VECTOR_RESET)
			write32(FINISHER, 0x7777);
	}
}

void heartbeat(void)
{
	static u64 last_busy, last_ticks;
	static int64_t heat;
	u64 now = ticks(), busy = 0;

	for (u32 i = 0; i < TQGPU_ENGINE_COUNT; i++) {
		busy += CONTROL->engine[i].busy_ticks;
		if (i < TQGPU_ENGINE_LONG && engines[i].phase != ENGINE_IDLE)
			busy += now - engines[i].start_ticks;
	}
	if (gangs[GANG_COMPUTE].owner && gangs[GANG_COMPUTE].owner->slot)
		busy += now - gangs[GANG_COMPUTE].slice_start;
	/* Load of the last beat in thousandths; heat follows it slowly, as a heat sink does. */
	int64_t load = now > last_ticks && busy > last_busy ? (busy - last_busy) * 1000 / (now - last_ticks) : 0;
	if (load > 1000)
		load = 1000;
	heat += (load * 40 - heat) / 16;
	last_busy = busy;
	last_ticks = now;

	CONTROL->temperature_mc = (u32)(38000 + heat);
	CONTROL->power_mw = (u32)(12000 + load * 88);
	CONTROL->frequency_hz = load ? 1000000000 : 200000000;
	CONTROL->voltage_mv = load ? 850 : 650;
	CONTROL->timestamp = now;
	CONTROL->heartbeat++;
	if (CONTROL->heartbeat % 10 == 0)
		ring_host(TQGPU_HOST_VECTOR_HEARTBEAT);
}

void *memcpy(void *to, const void *from, unsigned long size)
{
	for (unsigned long i = 0; i < size; i++)
		((u8 *)to)[i] = ((const u8 *)from)[i];
	return to;
}

void *memset(void *to, int value, unsigned long size)
{
	for (unsigned long i = 0; i < size; i++)
		((u8 *)to)[i] = (u8)value;
	return to;
}
