// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Recovery, in steps: the engine drops the job that hangs; if the firmware does not answer, the card restarts from its ROM
 * and all work in flight is lost; if it does not come back, it is wedged.
 */
#include <linux/delay.h>

#include <drm/drm_drv.h>

#include "tqgpu_device.h"

#define TQGPU_CANCEL_TIMEOUT_MS 500
#define TQGPU_WATCHDOG_PERIOD (HZ / 2)
#define TQGPU_MISSED_BEATS 6

bool tqgpu_engine_cancel(struct tqgpu_engine *engine, u32 seqno)
{
	volatile struct tqgpu_engine_state *state = &engine->device->control->engine[engine->class];
	unsigned int waited;

	tqgpu_engine_cancel_upto(engine, seqno);
	for (waited = 0; waited < TQGPU_CANCEL_TIMEOUT_MS; waited++) {
		if ((s32)(state->done_seqno - seqno) >= 0) {
			tqgpu_engine_complete(engine);
			return true;
		}
		usleep_range(1000, 1500);
	}
	return false;
}

/* Those who lost work and did nothing wrong are told, so that they can do it again. */
static void tqgpu_mark_innocent(struct tqgpu_engine *engine, struct drm_sched_job *guilty)
{
	struct drm_sched_job *sched_job;

	list_for_each_entry(sched_job, &engine->sched.pending_list, list) {
		struct tqgpu_job *job = to_tqgpu_job(sched_job);

		if (sched_job == guilty || dma_fence_is_signaled(&job->hw->base))
			continue;
		tqgpu_queue_lost_work(job->queue);
	}
}

void tqgpu_card_reset(struct tqgpu_device *tq, struct drm_sched_job *guilty)
{
	int class;

	mutex_lock(&tq->reset_lock);
	drm_warn(&tq->drm, "resetting the card\n");
	for (class = 0; class < TQGPU_ENGINE_CONTROL; class++) {
		/* The scheduler of the guilty job is stopped already, by who calls. */
		if (!guilty || guilty->sched != &tq->engine[class].sched)
			drm_sched_stop(&tq->engine[class].sched, NULL);
		tqgpu_mark_innocent(&tq->engine[class], guilty);
	}
	tqgpu_slots_lose(&tq->engine[TQGPU_ENGINE_LONG]);
	for (class = 0; class < TQGPU_ENGINE_COUNT; class++) {
		tqgpu_engine_fail_all(&tq->engine[class], -ECANCELED);
		tq->engine[class].next_seqno = 1;
	}
	tq->control->inject = 0;
	if (tqgpu_firmware_boot(tq)) {
		drm_err(&tq->drm, "the card is wedged; it needs a power cycle\n");
		WRITE_ONCE(tq->wedged, true);
	}
	tq->faults_read = 0;
	tq->log_read = 0;
	tq->last_heartbeat = 0;
	tq->missed_beats = 0;
	atomic_inc(&tq->reset_count);
	tqgpu_slots_come_up(&tq->engine[TQGPU_ENGINE_LONG]);
	wake_up_all(&tq->user_fences);
	for (class = 0; class < TQGPU_ENGINE_CONTROL; class++) {
		if (!guilty || guilty->sched != &tq->engine[class].sched)
			drm_sched_start(&tq->engine[class].sched);
	}
	mutex_unlock(&tq->reset_lock);
}

static void tqgpu_reset_work(struct work_struct *work)
{
	struct tqgpu_device *tq = container_of(work, struct tqgpu_device, reset_work);
	int idx;

	if (!drm_dev_enter(&tq->drm, &idx))
		return;
	if (!READ_ONCE(tq->wedged)) {
		tqgpu_dump(tq, NULL, "the firmware does not answer");
		tqgpu_card_reset(tq, NULL);
	}
	drm_dev_exit(idx);
}

/* The firmware counts up ten times a second. It also finds completions whose interrupt got lost. */
static void tqgpu_watchdog(struct work_struct *work)
{
	struct tqgpu_device *tq = container_of(to_delayed_work(work), struct tqgpu_device, watchdog);
	u64 beat;
	int idx, class;

	if (!drm_dev_enter(&tq->drm, &idx))
		return;
	beat = tq->control->heartbeat;
	tq->missed_beats = beat == tq->last_heartbeat ? tq->missed_beats + 1 : 0;
	tq->last_heartbeat = beat;
	if (tq->missed_beats >= TQGPU_MISSED_BEATS && !READ_ONCE(tq->wedged)) {
		drm_err(&tq->drm, "no heartbeat for %u ms\n", TQGPU_MISSED_BEATS * jiffies_to_msecs(TQGPU_WATCHDOG_PERIOD));
		tq->missed_beats = 0;
		queue_work(tqgpu_wq, &tq->reset_work);
	}
	tqgpu_fault_drain(tq);
	for (class = 0; class < TQGPU_ENGINE_COUNT; class++)
		tqgpu_engine_complete(&tq->engine[class]);
	queue_delayed_work(tqgpu_wq, &tq->watchdog, TQGPU_WATCHDOG_PERIOD);
	drm_dev_exit(idx);
}

void tqgpu_reset_init(struct tqgpu_device *tq)
{
	INIT_WORK(&tq->reset_work, tqgpu_reset_work);
	INIT_WORK(&tq->log_work, tqgpu_log_work);
	INIT_DELAYED_WORK(&tq->watchdog, tqgpu_watchdog);
}

void tqgpu_watchdog_start(struct tqgpu_device *tq)
{
	queue_delayed_work(tqgpu_wq, &tq->watchdog, TQGPU_WATCHDOG_PERIOD);
}

void tqgpu_reset_fini(struct tqgpu_device *tq)
{
	cancel_delayed_work_sync(&tq->watchdog);
	cancel_work_sync(&tq->reset_work);
	cancel_work_sync(&tq->log_work);
}
