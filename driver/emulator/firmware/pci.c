/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "pci.h"

#define IVSHMEM_ID 0x11101af4u /* device 1110, vendor 1af4 */
#define CAPABILITY_MSIX 0x11

static u64 config(int device, int offset) { return PCI_ECAM + ((u64)device << 15) + offset; }

static int find_msix(int device)
{
	int capability = read32(config(device, 0x34)) & 0xff;
	while (capability) {
		u32 header = read32(config(device, capability));
		if ((header & 0xff) == CAPABILITY_MSIX)
			return capability;
		capability = header >> 8 & 0xff;
	}
	return 0;
}

/* Size of the 64-bit BAR 2, by writing ones. */
static u64 memory_size(int device)
{
	write32(config(device, 0x18), ~0u);
	write32(config(device, 0x1c), ~0u);
	u64 mask = (u64)read32(config(device, 0x1c)) << 32 | (read32(config(device, 0x18)) & ~15u);
	return ~mask + 1;
}

static void place_memory(int device, u64 address)
{
	write32(config(device, 0x18), (u32)address);
	write32(config(device, 0x1c), address >> 32);
}

int pci_configure(struct pci_windows *windows)
{
	u64 mmio = PCI_MMIO;

	windows->doorbell = windows->vram_size = windows->host_size = 0;
	for (int device = 0; device < 32; device++) {
		if (read32(config(device, 0)) != IVSHMEM_ID)
			continue;
		int msix = find_msix(device);
		u64 size = memory_size(device);
		write32(config(device, 0x10), mmio);
		if (msix) {
			place_memory(device, VRAM_WINDOW);
			write32(config(device, 0x14), mmio + 0x1000);
			windows->doorbell = mmio;
			windows->vram_size = size;
		} else {
			place_memory(device, HOST_WINDOW);
			windows->host_size = size;
		}
		write32(config(device, 4), read32(config(device, 4)) | 6); /* memory space, bus master */
		if (msix) {
			for (int vector = 0; vector < TQGPU_VECTOR_COUNT; vector++) {
				u64 entry = mmio + 0x1000 + 16 * vector;
				write32(entry, (u32)IMSIC_M);
				write32(entry + 4, 0);
				write32(entry + 8, IMSIC_VECTOR_BASE + vector);
				write32(entry + 12, 0);
			}
			write32(config(device, msix), read32(config(device, msix)) | 0x80000000u);
		}
		mmio += 0x10000;
	}
	return windows->vram_size != 0;
}
