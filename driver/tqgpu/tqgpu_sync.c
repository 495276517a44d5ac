// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Waits and signals of a job: binary and timeline syncobjs. */
#include <linux/dma-fence-chain.h>

#include <drm/drm_syncobj.h>

#include "tqgpu_device.h"

#define TQGPU_MAX_SYNCS 1024

void tqgpu_signals_drop(struct tqgpu_signals *signals)
{
	u32 i;

	for (i = 0; i < signals->count; i++) {
		drm_syncobj_put(signals->list[i].syncobj);
		dma_fence_chain_free(signals->list[i].chain);
	}
	kvfree(signals->list);
	*signals = (struct tqgpu_signals){};
}

void tqgpu_signals_attach(struct tqgpu_signals *signals, struct dma_fence *fence)
{
	u32 i;

	for (i = 0; i < signals->count; i++) {
		struct tqgpu_signal *signal = &signals->list[i];

		if (signal->chain)
			drm_syncobj_add_point(signal->syncobj, signal->chain, fence, signal->point);
		else
			drm_syncobj_replace_fence(signal->syncobj, fence);
		signal->chain = NULL; /* the syncobj's now */
	}
	tqgpu_signals_drop(signals);
}

static int tqgpu_signal_prepare(struct drm_file *file, const struct drm_tqgpu_sync *sync, struct tqgpu_signals *signals)
{
	struct tqgpu_signal *signal = &signals->list[signals->count];

	signal->syncobj = drm_syncobj_find(file, sync->syncobj);
	if (!signal->syncobj)
		return -ENOENT;
	signal->point = sync->point;
	signal->chain = NULL;
	if (sync->point) {
		signal->chain = dma_fence_chain_alloc();
		if (!signal->chain) {
			drm_syncobj_put(signal->syncobj);
			return -ENOMEM;
		}
	}
	signals->count++;
	return 0;
}

int tqgpu_syncs_prepare(struct drm_file *file, u64 pointer, u32 count, struct drm_sched_job *job,
			struct tqgpu_signals *signals)
{
	struct drm_tqgpu_sync *syncs;
	u32 i;
	int err = 0;

	*signals = (struct tqgpu_signals){};
	if (!count)
		return 0;
	if (count > TQGPU_MAX_SYNCS)
		return -EINVAL;
	syncs = vmemdup_array_user(u64_to_user_ptr(pointer), count, sizeof(*syncs));
	if (IS_ERR(syncs))
		return PTR_ERR(syncs);
	signals->list = kvcalloc(count, sizeof(*signals->list), GFP_KERNEL);
	if (!signals->list)
		err = -ENOMEM;
	for (i = 0; i < count && !err; i++) {
		if (syncs[i].flags & ~DRM_TQGPU_SYNC_SIGNAL)
			err = -EINVAL;
		else if (syncs[i].flags & DRM_TQGPU_SYNC_SIGNAL)
			err = tqgpu_signal_prepare(file, &syncs[i], signals);
		else
			err = drm_sched_job_add_syncobj_dependency(job, file, syncs[i].syncobj, syncs[i].point);
	}
	kvfree(syncs);
	if (err)
		tqgpu_signals_drop(signals);
	return err;
}
