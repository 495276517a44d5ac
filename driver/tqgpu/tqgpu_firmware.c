// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Puts the firmware image into video memory and waits for the ROM to start it. */
#include <linux/crc32.h>
#include <linux/delay.h>
#include <linux/firmware.h>

#include "tqgpu_device.h"

#define TQGPU_FIRMWARE_NAME "tqgpu/card.bin"
#define TQGPU_BOOT_TIMEOUT_MS 10000

MODULE_FIRMWARE(TQGPU_FIRMWARE_NAME);

/* The ROM checks again; here a broken file gets a message that names what is wrong with it. */
static int tqgpu_firmware_check(struct tqgpu_device *tq, const struct firmware *fw)
{
	const struct tqgpu_firmware_header *header = (const void *)fw->data;
	u32 crc;

	if (fw->size < sizeof(*header) || header->magic != TQGPU_FIRMWARE_MAGIC) {
		drm_err(&tq->drm, "%s is no firmware image\n", TQGPU_FIRMWARE_NAME);
		return -EINVAL;
	}
	if (header->abi >> 16 != TQGPU_CARD_ABI_MAJOR) {
		drm_err(&tq->drm, "%s is for ABI %u, the driver has %u\n", TQGPU_FIRMWARE_NAME, header->abi >> 16,
			TQGPU_CARD_ABI_MAJOR);
		return -EINVAL;
	}
	if (fw->size > TQGPU_FIRMWARE_MAX_SIZE || header->header_bytes > fw->size ||
	    header->size_bytes != fw->size - header->header_bytes) {
		drm_err(&tq->drm, "%s has the wrong length (%zu)\n", TQGPU_FIRMWARE_NAME, fw->size);
		return -EINVAL;
	}
	crc = ~crc32_le(~0, fw->data + header->header_bytes, header->size_bytes);
	if (crc != header->crc32) {
		drm_err(&tq->drm, "%s is damaged: CRC %08x, not %08x\n", TQGPU_FIRMWARE_NAME, crc, header->crc32);
		return -EINVAL;
	}
	return 0;
}

static bool tqgpu_wait_for_boot_state(struct tqgpu_device *tq, u32 not_this)
{
	unsigned int waited;

	for (waited = 0; waited < TQGPU_BOOT_TIMEOUT_MS; waited++) {
		if (tq->control->magic == TQGPU_CARD_MAGIC && tq->control->boot_state != not_this)
			return true;
		usleep_range(1000, 1500);
	}
	return false;
}

int tqgpu_firmware_boot(struct tqgpu_device *tq)
{
	const struct firmware *fw;
	int err;

	/* A driver before us may have left the card running, or hung. It starts from its ROM in any case. */
	if (!tqgpu_wait_for_boot_state(tq, 0)) {
		drm_err(&tq->drm, "the card's ROM does not answer\n");
		return -ENODEV;
	}
	if (tq->control->boot_state != TQGPU_BOOT_ROM) {
		u32 boots = tq->control->boot_count;
		unsigned int waited = 0;

		tqgpu_ring_doorbell(tq, TQGPU_VECTOR_RESET);
		while (tq->control->magic != TQGPU_CARD_MAGIC || tq->control->boot_count == boots ||
		       tq->control->boot_state != TQGPU_BOOT_ROM) {
			if (waited++ == TQGPU_BOOT_TIMEOUT_MS) {
				drm_err(&tq->drm, "the card does not come out of its reset\n");
				return -ENODEV;
			}
			usleep_range(1000, 1500);
		}
	}
	tq->control->host_peer = readl(tq->doorbell + 8);

	err = request_firmware(&fw, TQGPU_FIRMWARE_NAME, tq->drm.dev);
	if (err) {
		drm_err(&tq->drm, "%s cannot be loaded (%d)\n", TQGPU_FIRMWARE_NAME, err);
		return err;
	}
	err = tqgpu_firmware_check(tq, fw);
	if (!err) {
		memcpy(tq->vram + TQGPU_FIRMWARE_OFFSET, fw->data, fw->size);
		wmb(); /* the image before the doorbell */
		tqgpu_ring_doorbell(tq, TQGPU_VECTOR_BOOT);
		if (!tqgpu_wait_for_boot_state(tq, TQGPU_BOOT_ROM) || tq->control->boot_state != TQGPU_BOOT_RUNNING) {
			drm_err(&tq->drm, "the card refuses its firmware (state %u)\n", tq->control->boot_state);
			err = -EIO;
		}
	}
	release_firmware(fw);
	return err;
}

#ifdef CONFIG_TQGPU_KUNIT
#include "kunit/tqgpu_firmware_kunit.c"
#endif
