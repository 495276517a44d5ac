// Queues and commands. Submissions take effect in order; here the effect is the signals. Your backend encodes
// packets in Cmd*, writes them to a ring in QueueSubmit, and lets the device signal.
#include <new>

#include "hal/null/objects.h"

namespace tq::hal::null {

hal_status QueueCreate(hal_vm* vm, const hal_queue_desc* desc, hal_queue** out) {
  *out = new (std::nothrow) hal_queue{vm};
  return *out == nullptr ? HAL_OUT_OF_HOST_MEMORY : HAL_OK;
}

void QueueDestroy(hal_queue* queue) { delete queue; }

hal_status QueueSubmit(hal_queue* queue, const hal_submission* submission) {
  // Waits for values that nothing running will signal cannot be honoured by a device that runs nothing;
  // poison is.
  for (size_t i = 0; i < submission->wait_count; ++i) {
    const uint32_t status = submission->waits[i].sem->status;
    if (status == HAL_OK) continue;
    for (size_t j = 0; j < submission->signal_count; ++j) {
      SemPoison(submission->signals[j].sem, static_cast<hal_status>(status));
    }
    return HAL_OK;
  }
  for (size_t i = 0; i < submission->cmd_count; ++i) {
    queue->vm->device->grids += submission->cmds[i]->dispatch_count;
  }
  for (size_t i = 0; i < submission->signal_count; ++i) {
    SemSignal(submission->signals[i].sem, submission->signals[i].value);
  }
  return HAL_OK;
}

hal_status QueueDispatch(hal_queue* queue, const hal_dispatch* dispatch, hal_sem* sem, uint64_t value) {
  ++queue->vm->device->grids;
  return sem == nullptr ? HAL_OK : SemSignal(sem, value);
}

hal_status CmdCreate(hal_vm* vm, hal_cmd** out) {
  *out = new (std::nothrow) hal_cmd{};
  return *out == nullptr ? HAL_OUT_OF_HOST_MEMORY : HAL_OK;
}

void CmdDestroy(hal_cmd* cmd) { delete cmd; }

hal_status CmdReset(hal_cmd* cmd) {
  cmd->dispatch_count = 0;
  return HAL_OK;
}

hal_status CmdCopy(hal_cmd* cmd, const hal_copy* copy) { return HAL_OK; }

hal_status CmdFill(hal_cmd* cmd, const hal_fill* fill) { return HAL_OK; }

hal_status CmdDispatch(hal_cmd* cmd, const hal_dispatch* dispatch, uint32_t* slot) {
  if (slot != nullptr) *slot = cmd->dispatch_count;
  ++cmd->dispatch_count;
  return HAL_OK;
}

hal_status CmdPatch(hal_cmd* cmd, uint32_t slot, const hal_dispatch* dispatch) { return HAL_OK; }

hal_status CmdMemop(hal_cmd* cmd, const hal_memop* memop) { return HAL_OK; }

hal_status CmdTimestamp(hal_cmd* cmd, hal_va va) { return HAL_OK; }

}  // namespace tq::hal::null
