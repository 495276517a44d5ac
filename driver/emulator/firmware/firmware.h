/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * The card's firmware. Hart 0 is the command processor: it takes ring entries, walks command streams and hands the
 * heavy packets to the harts of an engine, which run them in units (blocks of a kernel, pieces of a copy).
 */
#ifndef TQGPU_FIRMWARE_FIRMWARE_H
#define TQGPU_FIRMWARE_FIRMWARE_H

#include "hardware.h"

#define CONTROL ((volatile struct tqgpu_card_control *)VRAM_WINDOW)

extern struct boot_record boot;

/* What a hart keeps while user code runs on it. start.S knows the offsets. */
struct hart_context {
	u64 x[32];	   /*   0: the user's registers; x[0] holds the firmware's stack pointer meanwhile */
	u64 cause;	   /* 256 */
	u64 value;	   /* 264: mtval */
	u64 pc;		   /* 272 */
	volatile u64 *next; /* 280: of the dispatch: the next block */
	u64 count;	   /* 288 */
	volatile u32 *stop; /* 296 */
	u64 saved[13];	   /* 304: ra, s0-s11 of the firmware */
	u64 block;	   /* 408: the one it took last */
	u32 seen_generation;
	volatile u32 tlb_acknowledged;
} __attribute__((aligned(512)));
_Static_assert(sizeof(struct hart_context) == 512, "start.S counts on it");
extern struct hart_context hart_contexts[MAX_HARTS];

/* A packet that the harts of an engine share. */
struct work {
	volatile u32 generation; /* moves when there is new work */
	volatile u32 active;	 /* harts that are not done with it */
	volatile u32 stop;	 /* a fault, or cancelled: take no more units */
	volatile u32 faulted;
	volatile u64 next, count; /* units */
	volatile u64 instructions;
	u64 satp;
	u64 unit_bytes; /* of copies and fills: bytes of a row in one unit */
	u64 units_per_row;
	union {
		struct tqgpu_packet_header header;
		struct tqgpu_packet_dispatch dispatch;
		struct tqgpu_packet_copy copy;
		struct tqgpu_packet_fill fill;
		struct tqgpu_packet_write write;
		struct tqgpu_packet_timestamp timestamp;
		u64 words[9];
	} packet;
};

enum engine_phase { ENGINE_IDLE, ENGINE_STREAM, ENGINE_WORK };
struct engine {
	u32 index;
	u32 first_hart, hart_count;
	enum engine_phase phase;
	struct tqgpu_ring_entry entry; /* a copy: the host may overwrite its own */
	u64 offset;		       /* in the command stream */
	u64 start_ticks, start_instructions;
	struct work work;
};
extern struct engine engines[TQGPU_ENGINE_COUNT];

/* start.S. Runs user code; returns when it ends, with the reason in the context. */
void user_run(struct hart_context *context, u64 entry, u64 argument, u64 slot, u64 slots, u64 stack);
void forget_translations(void);

/* user_access.S. Under the address space in satp, with user rights. 0, or the exception's cause + 1; the address that
 * faulted is then in the hart's context. */
u64 user_load(u64 *value, u64 address);
u64 user_store32(u64 address, u64 value);
u64 user_store64(u64 address, u64 value);
u64 user_copy(u64 destination, u64 source, u64 size);
u64 user_fill64(u64 destination, u64 pattern, u64 size); /* size and address multiples of 8 */
u64 user_fill_bytes(u64 destination, u64 pattern, u64 size);

void command_processor_main(void) __attribute__((noreturn));
void compute_unit_main(u64 hart) __attribute__((noreturn));

void engine_init(void);
/* Takes the engine as far as it goes without waiting. */
void engine_step(struct engine *engine);
void engine_forget_translations(void);

void record_fault(struct engine *engine, u32 unit, u64 block, const struct hart_context *context, u32 hart);
void ring_host(enum tqgpu_host_vector vector);
void heartbeat(void);
void log_number(const char *text, u64 value);

static inline u64 this_hart(void) { return csr_read(mhartid); }
static inline u64 ticks(void) { return read64(CLINT_MTIME); }

#endif
