/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Finds the card's two ivshmem devices on its own bus and gives them addresses. */
#ifndef TQGPU_FIRMWARE_PCI_H
#define TQGPU_FIRMWARE_PCI_H

#include "hardware.h"

struct pci_windows {
	u64 doorbell;  /* registers of the device with interrupts */
	u64 vram_size; /* its memory, now at VRAM_WINDOW */
	u64 host_size; /* the other device's memory, now at HOST_WINDOW; 0: there is none */
};

/* Returns 0 when there is no doorbell device: the machine was put together wrongly. */
int pci_configure(struct pci_windows *windows);

#endif
