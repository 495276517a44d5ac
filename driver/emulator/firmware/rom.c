/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * The boot ROM: gives the two windows their addresses, tells the host what the card is, and starts the firmware image
 * that the host puts into video memory, if its header and CRC are right.
 */
#include "hardware.h"
#include "pci.h"

struct boot_record rom_boot_record;
volatile u64 rom_entry;

#define CONTROL ((volatile struct tqgpu_card_control *)VRAM_WINDOW)

/* CRC-32 of IEEE 802.3, bit by bit: the image is small and there is no room for a table worth having. */
static u32 crc32(const u8 *data, u64 size)
{
	u32 crc = ~0u;
	for (u64 i = 0; i < size; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xedb88320u & -(crc & 1));
	}
	return ~crc;
}

/* A CLINT register of a hart that does not exist reads 0 whatever is written to it. */
static u32 count_harts(void)
{
	u32 count = 1;
	while (count < MAX_HARTS) {
		write64(CLINT_MTIMECMP(count), ~0ul - count);
		if (read64(CLINT_MTIMECMP(count)) != ~0ul - count)
			break;
		count++;
	}
	return count;
}

static void listen_to_doorbell(void)
{
	/* Indirect access: 0x70 eidelivery, 0x72 eithreshold, 0xc0 eie0. */
	csr_write(0x350, 0x72);
	csr_write(0x351, 0);
	csr_write(0x350, 0xc0);
	csr_write(0x351, 0xful << IMSIC_VECTOR_BASE);
	csr_write(0x350, 0x70);
	csr_write(0x351, 1);
	csr_set(mie, MIE_EXTERNAL);
}

/* Waits for a doorbell and takes it. Returns its vector. */
static u32 take_doorbell(void)
{
	u64 top;
	do {
		wait_for_interrupt();
		__asm__ volatile("csrrw %0, 0x35c, x0" : "=r"(top)::"memory"); /* mtopei */
	} while (!top);
	return (u32)(top >> 16) - IMSIC_VECTOR_BASE;
}

static void reset_card(void)
{
	write32(FINISHER, 0x7777);
	for (;;)
		wait_for_interrupt();
}

/* Copies the image to its place. Returns its entry, or 0 and says in boot_state what is wrong. */
static u64 load_firmware(void)
{
	const struct tqgpu_firmware_header *image =
		(const struct tqgpu_firmware_header *)(VRAM_WINDOW + TQGPU_FIRMWARE_OFFSET);
	struct tqgpu_firmware_header header = *image; /* once: the host could change it while we check */

	if (header.magic != TQGPU_FIRMWARE_MAGIC || header.abi >> 16 != TQGPU_CARD_ABI_MAJOR ||
	    header.header_bytes < sizeof(header) || header.header_bytes > 4096 ||
	    header.size_bytes > TQGPU_FIRMWARE_MAX_SIZE - 4096 || header.entry >= header.size_bytes) {
		CONTROL->boot_state = TQGPU_BOOT_BAD_HEADER;
		return 0;
	}
	/* The copy is what is checked and run. Writing it word by word also makes the emulator forget old code. */
	const u64 *from = (const u64 *)((const u8 *)image + header.header_bytes);
	volatile u64 *to = (volatile u64 *)FIRMWARE_BASE;
	for (u64 i = 0; i < (header.size_bytes + 7) / 8; i++)
		to[i] = from[i];
	if (crc32((const u8 *)FIRMWARE_BASE, header.size_bytes) != header.crc32) {
		CONTROL->boot_state = TQGPU_BOOT_BAD_CRC;
		return 0;
	}
	CONTROL->firmware_version = header.version;
	return FIRMWARE_BASE + header.entry;
}

u64 rom_main(void)
{
	struct pci_windows windows;
	u64 entry = 0;

	if (!pci_configure(&windows)) {
		for (;;)
			wait_for_interrupt();
	}
	rom_boot_record.doorbell = windows.doorbell;
	rom_boot_record.host_size = windows.host_size;
	rom_boot_record.hart_count = count_harts();

	u32 boots = CONTROL->magic == TQGPU_CARD_MAGIC ? CONTROL->boot_count : 0;
	CONTROL->magic = 0;
	fence();
	volatile u64 *words = (volatile u64 *)VRAM_WINDOW;
	for (u64 i = 0; i < TQGPU_FIRMWARE_OFFSET / 8; i++)
		words[i] = 0;
	CONTROL->abi = TQGPU_CARD_ABI;
	CONTROL->boot_state = TQGPU_BOOT_ROM;
	CONTROL->boot_count = boots + 1;
	CONTROL->card_peer = read32(windows.doorbell + 8);
	CONTROL->host_peer = ~0u;
	CONTROL->hart_count = rom_boot_record.hart_count;
	CONTROL->vram_address = VRAM_WINDOW;
	CONTROL->vram_size = windows.vram_size;
	CONTROL->host_address = HOST_WINDOW;
	CONTROL->host_size = windows.host_size;
	CONTROL->timebase_hz = TIMEBASE_HZ;
	listen_to_doorbell();
	fence();
	CONTROL->magic = TQGPU_CARD_MAGIC;

	while (!entry) {
		u32 vector = take_doorbell();
		fence();
		if (vector == TQGPU_VECTOR_BOOT)
			entry = load_firmware();
		else if (vector == TQGPU_VECTOR_RESET)
			reset_card();
	}
	return entry;
}

/* From here on the firmware's entry runs on every hart. */
void rom_release_harts(u64 entry)
{
	rom_entry = entry;
	fence();
	for (u32 hart = 1; hart < rom_boot_record.hart_count; hart++)
		write32(CLINT_MSIP(hart), 1);
}
