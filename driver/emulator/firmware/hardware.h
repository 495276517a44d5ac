/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The emulated card's hardware: QEMU's riscv64 `virt` machine with aia=aplic-imsic and two ivshmem devices. */
#ifndef TQGPU_FIRMWARE_HARDWARE_H
#define TQGPU_FIRMWARE_HARDWARE_H

#include <stdint.h>

#include "tqgpu_card.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

/* Physical addresses of the machine. */
#define FINISHER 0x100000ul	/* sifive_test: 0x7777 resets the machine */
#define CLINT_MSIP(hart) (0x2000000ul + 4 * (hart))
#define CLINT_MTIMECMP(hart) (0x2004000ul + 8 * (hart))
#define CLINT_MTIME 0x200bff8ul
#define UART 0x10000000ul
#define IMSIC_M 0x24000000ul	/* hart 0's machine-level interrupt file */
#define PCI_ECAM 0x30000000ul
#define PCI_MMIO 0x40000000ul
#define SRAM 0x80000000ul	/* ROM and firmware; not reachable from the host */
#define SRAM_SIZE 0x2000000ul
#define FIRMWARE_BASE 0x80200000ul

/* Where the ROM puts the two windows. Both are plain memory to the emulator, so that reads and writes stay fast. */
#define VRAM_WINDOW 0x400000000ul
#define HOST_WINDOW 0x480000000ul

#define TIMEBASE_HZ 10000000ul
#define MAX_HARTS 64
#define MAX_VECTOR_BYTES 128 /* VLEN / 8 up to which user code can be put away and go on */

/* IMSIC identities 16.. are the doorbell's vectors. */
#define IMSIC_VECTOR_BASE 16

#define csr_read(csr) ({ u64 value_; __asm__ volatile("csrr %0, " #csr : "=r"(value_)::"memory"); value_; })
#define csr_write(csr, value) __asm__ volatile("csrw " #csr ", %0" ::"r"((u64)(value)) : "memory")
#define csr_set(csr, bits) __asm__ volatile("csrs " #csr ", %0" ::"r"((u64)(bits)) : "memory")
#define csr_clear(csr, bits) __asm__ volatile("csrc " #csr ", %0" ::"r"((u64)(bits)) : "memory")
#define fence() __asm__ volatile("fence iorw, iorw" ::: "memory")

#define MIE_SOFTWARE (1ul << 3)
#define MIE_TIMER (1ul << 7)
#define MIE_EXTERNAL (1ul << 11)

static inline u32 read32(u64 address) { return *(volatile u32 *)address; }
static inline void write32(u64 address, u32 value) { *(volatile u32 *)address = value; }
static inline u64 read64(u64 address) { return *(volatile u64 *)address; }
static inline void write64(u64 address, u64 value) { *(volatile u64 *)address = value; }

static inline void wait_for_interrupt(void) { __asm__ volatile("wfi" ::: "memory"); }

/* What the ROM found out and the firmware goes on with. */
struct boot_record {
	u64 doorbell;	/* BAR 0 of the doorbell device */
	u64 host_size;	/* 0: no bus-master window */
	u32 hart_count;
};

#endif
