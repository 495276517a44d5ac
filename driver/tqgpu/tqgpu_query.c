// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* DEV_QUERY and fdinfo (Documentation/gpu/drm-usage-stats.rst). */
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_print.h>

#include "tqgpu_device.h"

static int tqgpu_copy_answer(struct drm_tqgpu_dev_query *args, const void *answer, u32 size)
{
	u32 room = args->size;

	args->size = size;
	if (!args->pointer)
		return 0;
	return copy_to_user(u64_to_user_ptr(args->pointer), answer, min(room, size)) ? -EFAULT : 0;
}

static int tqgpu_query_info(struct tqgpu_device *tq, struct drm_tqgpu_dev_query *args)
{
	const struct tqgpu_card_control *control = (const void *)tq->control;
	struct drm_tqgpu_dev_info info = {
		.card_abi = control->abi,
		.firmware_version = control->firmware_version,
		.hart_count = control->hart_count,
		.compute_harts = control->engine[TQGPU_ENGINE_COMPUTE].hart_count,
		.copy_harts = control->engine[TQGPU_ENGINE_COPY].hart_count,
		.vector_bytes = control->vector_bytes,
		.va_start = PAGE_SIZE,
		.va_end = BIT_ULL(TQGPU_VA_BITS),
		.page_size = PAGE_SIZE,
		.timebase_hz = control->timebase_hz,
		.reset_count = atomic_read(&tq->reset_count),
		.flags = READ_ONCE(tq->wedged) ? DRM_TQGPU_DEV_WEDGED : 0,
	};

	return tqgpu_copy_answer(args, &info, sizeof(info));
}

static int tqgpu_query_memory(struct tqgpu_device *tq, struct drm_tqgpu_dev_query *args)
{
	struct drm_tqgpu_dev_memory memory = {
		.vram_size = tq->memory.size,
		.vram_used = tqgpu_vram_used(&tq->memory),
		.vram_visible_size = tq->memory.size,
		.system_size = tq->host_size,
	};

	return tqgpu_copy_answer(args, &memory, sizeof(memory));
}

static int tqgpu_query_usage(struct tqgpu_device *tq, struct drm_tqgpu_dev_query *args)
{
	const struct tqgpu_card_control *control = (const void *)tq->control;
	const struct tqgpu_engine_state *compute = &control->engine[TQGPU_ENGINE_COMPUTE];
	const struct tqgpu_engine_state *copy = &control->engine[TQGPU_ENGINE_COPY];
	const struct tqgpu_engine_state *slots = &control->engine[TQGPU_ENGINE_LONG];
	struct drm_tqgpu_dev_usage usage = {
		.timestamp = control->timestamp,
		.busy_ticks = { compute->busy_ticks + slots->busy_ticks, copy->busy_ticks },
		.instructions = { compute->instructions + slots->instructions, copy->instructions },
		.blocks = compute->blocks + slots->blocks,
		.copied_bytes = compute->bytes + copy->bytes + slots->bytes,
		.frequency_hz = control->frequency_hz,
		.temperature_mc = control->temperature_mc,
		.power_mw = control->power_mw,
	};

	return tqgpu_copy_answer(args, &usage, sizeof(usage));
}

static int (*const tqgpu_queries[])(struct tqgpu_device *tq, struct drm_tqgpu_dev_query *args) = {
	[DRM_TQGPU_DEV_QUERY_INFO] = tqgpu_query_info,
	[DRM_TQGPU_DEV_QUERY_MEMORY] = tqgpu_query_memory,
	[DRM_TQGPU_DEV_QUERY_USAGE] = tqgpu_query_usage,
};

int tqgpu_ioctl_dev_query(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_tqgpu_dev_query *args = data;
	int idx, err;

	if (args->type >= ARRAY_SIZE(tqgpu_queries))
		return -EINVAL;
	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;
	err = tqgpu_queries[args->type](to_tqgpu(drm), args);
	drm_dev_exit(idx);
	return err;
}

void tqgpu_show_fdinfo(struct drm_printer *p, struct drm_file *file)
{
	static const char *const names[] = { "compute", "copy" };
	struct tqgpu_file *tqfile = file->driver_priv;
	u64 busy[2] = { atomic64_read(&tqfile->busy_ns[0]), atomic64_read(&tqfile->busy_ns[1]) };
	struct tqgpu_queue *queue;
	unsigned long id;
	int class;

	xa_lock(&tqfile->queues);
	xa_for_each(&tqfile->queues, id, queue)
		busy[tqgpu_queue_class(queue)] += atomic64_read(&queue->busy_ns);
	xa_unlock(&tqfile->queues);
	for (class = 0; class < ARRAY_SIZE(names); class++)
		drm_printf(p, "drm-engine-%s:\t%llu ns\n", names[class], busy[class]);
	drm_show_memory_stats(p, file);
}
