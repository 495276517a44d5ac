// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The card's sensors for lm-sensors and the like. */
#include <linux/hwmon.h>

#include <drm/drm_drv.h>

#include "tqgpu_device.h"

static umode_t tqgpu_hwmon_visible(const void *data, enum hwmon_sensor_types type, u32 attribute, int channel)
{
	return 0444;
}

static int tqgpu_hwmon_read(struct device *dev, enum hwmon_sensor_types type, u32 attribute, int channel, long *value)
{
	struct tqgpu_device *tq = dev_get_drvdata(dev);
	int idx, err = 0;

	if (!drm_dev_enter(&tq->drm, &idx))
		return -ENODEV;
	switch (type) {
	case hwmon_temp:
		*value = tq->control->temperature_mc;
		break;
	case hwmon_power:
		*value = (long)tq->control->power_mw * 1000; /* hwmon counts microwatts */
		break;
	case hwmon_in:
		*value = tq->control->voltage_mv;
		break;
	default:
		err = -EOPNOTSUPP;
	}
	drm_dev_exit(idx);
	return err;
}

static const struct hwmon_ops tqgpu_hwmon_ops = {
	.is_visible = tqgpu_hwmon_visible,
	.read = tqgpu_hwmon_read,
};

static const struct hwmon_channel_info *const tqgpu_hwmon_channels[] = {
	HWMON_CHANNEL_INFO(temp, HWMON_T_INPUT),
	HWMON_CHANNEL_INFO(power, HWMON_P_INPUT),
	HWMON_CHANNEL_INFO(in, HWMON_I_INPUT),
	NULL,
};

static const struct hwmon_chip_info tqgpu_hwmon_chip = {
	.ops = &tqgpu_hwmon_ops,
	.info = tqgpu_hwmon_channels,
};

void tqgpu_hwmon_init(struct tqgpu_device *tq)
{
	struct device *hwmon =
		devm_hwmon_device_register_with_info(tq->drm.dev, TQGPU_NAME, tq, &tqgpu_hwmon_chip, NULL);

	if (IS_ERR(hwmon)) /* a card without sensors still computes */
		drm_warn(&tq->drm, "no sensors (%ld)\n", PTR_ERR(hwmon));
}
