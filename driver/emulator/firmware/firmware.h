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

/* User code that was put away, with what start.S does not keep in the context. start.S knows the offsets. */
struct hart_save {
	u64 x[32]; /* by C */
	u64 pc;
	u64 block;
	u64 f[32]; /* 272, from here by start.S */
	u64 fcsr;  /* 528 */
	u64 vector_length, vector_type, vector_start, vector_control; /* 536, 544, 552, 560 */
	u64 reserved;
	u8 v[32 * MAX_VECTOR_BYTES]; /* 576 */
};
_Static_assert(__builtin_offsetof(struct hart_save, f) == 272 && __builtin_offsetof(struct hart_save, v) == 576,
	       "start.S counts on it");

/* How far a hart is with its part of a packet. */
enum hart_progress { HART_FRESH, HART_SAVED, HART_DONE };

/* A packet that the harts of an engine share. */
struct work {
	volatile u32 stop;	 /* a fault, or cancelled: take no more units */
	volatile u32 faulted;
	u32 is_stopping; /* the harts were told */
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

struct engine;
/* Harts that work together, for one engine at a time. */
struct gang {
	u32 first_hart, hart_count;
	volatile u32 generation; /* moves when there is new work */
	volatile u32 active;	 /* harts that are not done with it */
	volatile u32 yield;	 /* the slice of time is over: user code is put away */
	struct engine *volatile owner;
	u32 last;		 /* engine that had the harts last */
	u64 slice_start, slice_end;
};
enum { GANG_COMPUTE, GANG_COPY, GANG_COUNT };
extern struct gang gangs[GANG_COUNT];

/* READY: has work, and waits for the harts. */
enum engine_phase { ENGINE_IDLE, ENGINE_STREAM, ENGINE_READY, ENGINE_WORK };
/* What runs one command stream at a time: an engine with a ring, or a slot for long-running work. */
struct engine {
	u32 index; /* enum tqgpu_engine_class */
	volatile struct tqgpu_slot *slot; /* NULL: it has a ring */
	struct gang *gang;		  /* NULL: the command processor alone */
	struct hart_save *saves;	  /* one for each hart; NULL: its work is never put away */
	volatile u8 progress[MAX_HARTS];  /* enum hart_progress */
	enum engine_phase phase;
	struct tqgpu_ring_entry entry; /* a copy: the host may overwrite its own */
	u64 offset;		       /* in the command stream */
	u64 start_ticks, run_ticks, slices, instructions;
	struct work work;
};
#define ENGINE_TOTAL (TQGPU_ENGINE_LONG + TQGPU_SLOT_COUNT)
extern struct engine engines[ENGINE_TOTAL]; /* by class, then the slots */

/* start.S. Runs user code; returns when it ends, with the reason in the context. */
void user_run(struct hart_context *context, u64 entry, u64 argument, u64 slot, u64 slots, u64 stack);
/* Goes on with user code whose general registers and pc are in the context and the others in `save`. Otherwise as user_run. */
void user_resume(struct hart_context *context, const struct hart_save *save);
/* Puts away the registers that the firmware does not use: floating point and vectors. */
void save_user_registers(struct hart_save *save);
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
void gang_interrupt(const struct gang *gang);
/* The owner's harts are done, or have put its user code away. */
void gang_release(struct gang *gang);
/* Gives the harts to who waits for them, when they are free or their owner's time is over. */
void gang_step(struct gang *gang);
/* When gang_step() has something to do without anybody saying so; ~0: never. */
u64 gang_deadline(const struct gang *gang);
void engine_forget_translations(void);

void record_fault(struct engine *engine, u32 unit, u64 block, const struct hart_context *context, u32 hart);
void ring_host(enum tqgpu_host_vector vector);
void heartbeat(void);
void log_number(const char *text, u64 value);

static inline u64 this_hart(void) { return csr_read(mhartid); }
static inline u64 ticks(void) { return read64(CLINT_MTIME); }

#endif
