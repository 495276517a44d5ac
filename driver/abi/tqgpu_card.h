/* SPDX-License-Identifier: MIT */
/*
 * What the host and the card say to each other. Everything lies in the first megabyte of video memory (BAR 2), which
 * both sides see; doorbells (BAR 0) only say "look there". Shared by the kernel driver, the card's boot ROM and
 * firmware, and, from "Command stream" on, by user space, which writes streams that the kernel never reads.
 *
 * Little-endian, natural alignment, no padding that is not named. A field is written by one side only; the comment
 * says which. TQGPU_CARD_ABI_MAJOR changes when an old driver would misread the layout, MINOR when fields are added.
 */
#ifndef TQGPU_CARD_H
#define TQGPU_CARD_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#endif

#define TQGPU_CARD_MAGIC 0x55504751u /* "QGPU" */
#define TQGPU_CARD_ABI_MAJOR 2
#define TQGPU_CARD_ABI_MINOR 0
#define TQGPU_CARD_ABI (TQGPU_CARD_ABI_MAJOR << 16 | TQGPU_CARD_ABI_MINOR)

/* Layout of video memory, byte offsets. */
#define TQGPU_CONTROL_OFFSET 0x0
#define TQGPU_RING_OFFSET(engine) (0x1000 + (engine) * 0x1000)
#define TQGPU_COMPLETION_OFFSET(engine) (0x5000 + (engine) * 0x800)
#define TQGPU_FAULT_OFFSET 0x7000
#define TQGPU_LOG_OFFSET 0x8000
#define TQGPU_LOG_SIZE 0x4000
#define TQGPU_FIRMWARE_OFFSET 0x10000
#define TQGPU_FIRMWARE_MAX_SIZE 0xf0000
#define TQGPU_HEAP_OFFSET 0x100000 /* from here on the driver's allocator owns it */

/* Vectors. A doorbell is a level ("look at the rings"): several may arrive as one. */
enum tqgpu_card_vector { /* host to card */
	TQGPU_VECTOR_RING = 0,	 /* a ring's tail moved */
	TQGPU_VECTOR_CANCEL = 1, /* an engine's cancel_seqno moved */
	TQGPU_VECTOR_RESET = 2,	 /* restart the card from its boot ROM */
	TQGPU_VECTOR_BOOT = 3,	 /* the firmware image is in place */
};
enum tqgpu_host_vector { /* card to host */
	TQGPU_HOST_VECTOR_COMPLETION = 0,
	TQGPU_HOST_VECTOR_FAULT = 1,
	TQGPU_HOST_VECTOR_LOG = 2,
	TQGPU_HOST_VECTOR_HEARTBEAT = 3,
	TQGPU_VECTOR_COUNT = 4,
};

enum tqgpu_boot_state {
	TQGPU_BOOT_ROM = 1,	/* the ROM waits for an image */
	TQGPU_BOOT_BAD_HEADER,	/* refused; waits for another */
	TQGPU_BOOT_BAD_CRC,	/* refused; waits for another */
	TQGPU_BOOT_RUNNING,	/* the firmware serves the rings */
	TQGPU_BOOT_PANIC,	/* the firmware met an exception of its own; see the log */
};

/* In front of a firmware image. The CRC (CRC-32 of IEEE 802.3) is over `size_bytes` bytes after the header. */
struct tqgpu_firmware_header {
	uint32_t magic; /* TQGPU_FIRMWARE_MAGIC */
	uint32_t abi;	/* TQGPU_CARD_ABI that it was built for */
	uint32_t header_bytes;
	uint32_t size_bytes;
	uint32_t crc32;
	uint32_t version; /* of the firmware: major << 16 | minor */
	uint64_t entry;	  /* offset from the first byte after the header */
};
#define TQGPU_FIRMWARE_MAGIC 0x57465154u /* "TQFW" */

/*
 * One ring each, but the last, which has slots. The control ring is served by the command processor itself, at once, whatever
 * the others run. Long-running work shares the compute engine's harts with its ring by slices of time.
 */
enum tqgpu_engine_class {
	TQGPU_ENGINE_COMPUTE = 0,
	TQGPU_ENGINE_COPY = 1,
	TQGPU_ENGINE_CONTROL = 2,
	TQGPU_ENGINE_LONG = 3,
	TQGPU_ENGINE_COUNT = 4,
};

struct tqgpu_engine_state {
	uint32_t tail;		 /* host: entries written, counts on for ever */
	uint32_t cancel_seqno;	 /* host: work up to this seqno is to be dropped */
	uint32_t head;		 /* card: entries taken */
	uint32_t done_seqno;	 /* card: last seqno that ended, in order */
	uint32_t running_seqno;	 /* card: 0 when idle */
	uint32_t hart_count;	 /* card: harts that serve this engine */
	uint64_t busy_ticks;	 /* card: time with work, in timebase ticks */
	uint64_t blocks;	 /* card: blocks of dispatches that ran */
	uint64_t instructions;	 /* card: retired by its harts while they worked */
	uint64_t bytes;		 /* card: moved by copies and fills */
	uint64_t reserved;
};

struct tqgpu_card_control {
	uint32_t magic; /* card: TQGPU_CARD_MAGIC, written last */
	uint32_t abi;	/* card */
	uint32_t boot_state;
	uint32_t boot_count;	/* card: starts of the ROM since power-on */
	uint32_t card_peer;	/* card: its doorbell number */
	uint32_t host_peer;	/* host: the driver's; 0xffffffff: none yet */
	uint32_t hart_count;	/* card */
	uint32_t vector_bytes;	/* card: VLEN / 8; 0: no vector unit */
	uint64_t vram_address;	/* card: physical address of BAR 2 on the card's side */
	uint64_t vram_size;	/* card */
	uint64_t host_address;	/* card: host memory's physical address 0 as the card sees it (bus-master window) */
	uint64_t host_size;	/* card: 0: no window */
	uint64_t timebase_hz;	/* card: of timestamps and ticks */
	uint32_t firmware_version; /* card */
	uint32_t asid_bits;	/* card */
	uint64_t heartbeat;	/* card: counts up ten times a second while the command processor is alive */
	uint64_t timestamp;	/* card: at the last heartbeat */
	uint32_t log_tail;	/* card: bytes ever written; the log is a ring of TQGPU_LOG_SIZE bytes */
	uint32_t fault_tail;	/* card: fault records ever written; a ring of TQGPU_FAULT_COUNT */
	uint32_t temperature_mc; /* card: sensors, modelled from load; millidegrees, milliwatts, hertz, millivolts */
	uint32_t power_mw;
	uint64_t frequency_hz;
	uint32_t voltage_mv;
	uint32_t doorbells;	/* card: interrupts taken */
	uint32_t inject;	/* host: TQGPU_INJECT_*, for tests of recovery */
	uint32_t reserved;
	struct tqgpu_engine_state engine[TQGPU_ENGINE_COUNT];
};

/* Faults that a test asks the firmware for (debugfs "inject"). */
#define TQGPU_INJECT_DROP_COMPLETION 1u /* once: work ends and nobody says so */
#define TQGPU_INJECT_STOP_HEARTBEAT 2u	/* the command processor hangs */

/* Ring. Entry i is at index i % TQGPU_RING_ENTRIES. */
#define TQGPU_RING_ENTRIES 64u
enum tqgpu_ring_op {
	TQGPU_RING_NOP = 0,
	TQGPU_RING_EXECUTE = 1,		/* compute, copy: runs the command stream at `address` under `satp` */
	TQGPU_RING_INVALIDATE_CODE = 2, /* control: instruction caches forget the physical range `address`, `size` */
	TQGPU_RING_INVALIDATE_TLB = 3,	/* control: every hart forgets its translations, also those at work */
};
struct tqgpu_ring_entry {
	uint32_t op;
	uint32_t seqno; /* never 0 */
	uint64_t satp;	/* RISC-V satp value: mode, ASID, root */
	uint64_t address;
	uint64_t size;
	uint32_t context; /* the driver's name for the queue, echoed in fault records */
	uint32_t flags;	  /* must be 0 */
	uint64_t reserved[3];
};

/*
 * Long-running work: a command stream in each slot, in no order with those of the others. The host fills a free slot and writes
 * its seqno last; the slot is free again when done_seqno is that. They lie where the engine's ring would be.
 */
#define TQGPU_SLOT_COUNT 16u
#define TQGPU_SLOT_OFFSET TQGPU_RING_OFFSET(TQGPU_ENGINE_LONG)
struct tqgpu_slot {
	uint32_t seqno;	       /* host: of the work that is here, not 0 and not the last one's */
	uint32_t cancel_seqno; /* host: that work is to be dropped */
	uint64_t satp, address, size; /* host: as in a ring entry */
	uint32_t context;      /* host */
	uint32_t flags;	       /* host: must be 0 */
	uint32_t done_seqno;   /* card: the last that ended; written after the rest */
	uint32_t status;       /* card: how */
	uint64_t run_ticks;    /* card: time that it had harts for */
	uint64_t instructions; /* card */
	uint64_t slices;       /* card: times that it was given harts */
	uint64_t reserved[6];
};

/* How seqno s of an engine ended is at completion[s % TQGPU_RING_ENTRIES]; valid once done_seqno reached s. */
enum tqgpu_completion_status {
	TQGPU_COMPLETION_OK = 0,
	TQGPU_COMPLETION_FAULT = 1,	/* there is a fault record */
	TQGPU_COMPLETION_BAD_STREAM = 2, /* a packet that the firmware does not know; there is a fault record */
	TQGPU_COMPLETION_CANCELLED = 3,
};
struct tqgpu_completion {
	uint32_t seqno;
	uint32_t status;
	uint64_t start_ticks;
	uint64_t end_ticks;
	uint64_t instructions;
};

#define TQGPU_FAULT_COUNT 32u
enum tqgpu_fault_unit { TQGPU_FAULT_UNIT_KERNEL = 0, TQGPU_FAULT_UNIT_COPY = 1, TQGPU_FAULT_UNIT_STREAM = 2 };
struct tqgpu_fault_record {
	uint32_t index; /* which record this is, counting from 1; written last */
	uint32_t engine;
	uint32_t seqno;
	uint32_t context;
	uint32_t unit;
	uint32_t cause; /* RISC-V mcause: 2 illegal instruction, 4..7 misaligned or access fault, 12/13/15 page fault */
	uint64_t address; /* mtval */
	uint64_t pc;
	uint64_t return_address;
	uint64_t stack_pointer;
	uint64_t block; /* linear index of the block, or byte offset in the command stream */
	uint32_t hart;
	uint32_t reserved;
	uint64_t ticks;
	uint64_t argument; /* of TQGPU_ECALL_FAULT */
	uint64_t packet;   /* address of the packet that was at work, in the stream's address space */
};

/*
 * Command stream: packets one after another, each 8-byte aligned, executed in order, one at a time. The addresses are
 * virtual, in the address space that the stream runs in.
 */
enum tqgpu_packet_op {
	TQGPU_PACKET_NOP = 0,
	TQGPU_PACKET_DISPATCH = 1,
	TQGPU_PACKET_COPY = 2,
	TQGPU_PACKET_FILL = 3,
	TQGPU_PACKET_WRITE = 4,
	TQGPU_PACKET_TIMESTAMP = 5,
	TQGPU_PACKET_COUNT,
};
struct tqgpu_packet_header {
	uint32_t op;
	uint32_t size_bytes; /* of the whole packet */
};
/*
 * Starts `entry` in user mode on the engine's harts: a0 = argument, a1 = slot of the hart (0 .. hart_count-1),
 * a2 = hart_count, sp = stack + (slot + 1) * stack_stride, other registers 0. The code asks for blocks with
 * TQGPU_ECALL_NEXT_BLOCK until there are none and ends with TQGPU_ECALL_END.
 */
struct tqgpu_packet_dispatch {
	struct tqgpu_packet_header header;
	uint64_t entry;
	uint64_t argument;
	uint64_t block_count;
	uint64_t stack;
	uint64_t stack_stride; /* a multiple of 16 */
};
/* `rows` rows of `row_bytes`; a linear copy has one row. The regions do not overlap. */
struct tqgpu_packet_copy {
	struct tqgpu_packet_header header;
	uint64_t destination, source;
	uint64_t row_bytes;
	uint64_t rows;
	uint64_t destination_pitch, source_pitch;
};
struct tqgpu_packet_fill {
	struct tqgpu_packet_header header;
	uint64_t destination;
	uint64_t row_bytes; /* a multiple of pattern_bytes */
	uint64_t rows;
	uint64_t destination_pitch;
	uint64_t pattern;
	uint32_t pattern_bytes; /* 1, 2, 4, 8 */
	uint32_t reserved;
};
struct tqgpu_packet_write { /* after everything before it in the stream is visible */
	struct tqgpu_packet_header header;
	uint64_t destination;
	uint64_t value;
	uint32_t value_bytes; /* 4 or 8; destination aligned to it */
	uint32_t reserved;
};
struct tqgpu_packet_timestamp {
	struct tqgpu_packet_header header;
	uint64_t destination; /* 8-byte aligned */
	uint64_t multiplier;  /* what is written is the time in ticks, times this; 0 means 1 */
};

/*
 * User-mode code may read the counters cycle, time and instret (RISC-V, "Zicntr"); time is in ticks of timebase_hz.
 */
/* What user-mode code asks of the firmware: `ecall` with the number in a7. All caller-saved registers are lost. */
enum tqgpu_ecall {
	TQGPU_ECALL_END = 0,	    /* this hart is done with the dispatch */
	TQGPU_ECALL_NEXT_BLOCK = 1, /* a0 = index of the next block, or -1: there are no more */
	TQGPU_ECALL_FAULT = 2,	    /* a0: argument for the fault record; ends the dispatch as a fault */
	TQGPU_ECALL_TIME = 3,	    /* a0 = timestamp in ticks */
};
#define TQGPU_FAULT_CAUSE_ECALL 8u /* cause of a record that TQGPU_ECALL_FAULT wrote */

#endif
