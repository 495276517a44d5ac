// A backend for tests: the null backend, but a grid that is N blocks wide, N being a hal_fault_kind, ends in
// that fault. So is every kind to be had, of which a program's kernels raise some only on some devices.
#include <dlfcn.h>

#include <cstdio>
#include <map>
#include <mutex>

#include "hal/include/tianqiao/hal.h"

namespace {

hal_backend null_table;
hal_backend table;

std::mutex mutex;
std::map<hal_queue*, hal_vm*> spaces;      // of queues
std::map<hal_cmd*, hal_fault_kind> lists;  // what a command list will end in
std::map<hal_vm*, hal_fault_kind> faults;

hal_fault_kind KindOf(const hal_dispatch& dispatch) {
  return dispatch.grid.x <= HAL_FAULT_ARITHMETIC ? static_cast<hal_fault_kind>(dispatch.grid.x)
                                                 : HAL_FAULT_NONE;
}

bool IsFaulted(hal_vm* vm) { return faults.count(vm) != 0; }

hal_status QueueCreate(hal_vm* vm, const hal_queue_desc* desc, hal_queue** out) {
  const hal_status status = null_table.queue_create(vm, desc, out);
  std::lock_guard lock(mutex);
  if (status == HAL_OK) spaces[*out] = vm;
  return status;
}

void QueueDestroy(hal_queue* queue) {
  {
    std::lock_guard lock(mutex);
    spaces.erase(queue);
  }
  null_table.queue_destroy(queue);
}

hal_status CmdDispatch(hal_cmd* cmd, const hal_dispatch* dispatch, uint32_t* slot) {
  {
    std::lock_guard lock(mutex);
    if (const hal_fault_kind kind = KindOf(*dispatch); kind != HAL_FAULT_NONE) lists[cmd] = kind;
  }
  return null_table.cmd_dispatch(cmd, dispatch, slot);
}

hal_status CmdReset(hal_cmd* cmd) {
  {
    std::lock_guard lock(mutex);
    lists.erase(cmd);
  }
  return null_table.cmd_reset(cmd);
}

hal_status QueueSubmit(hal_queue* queue, const hal_submission* submission) {
  {
    std::lock_guard lock(mutex);
    hal_vm* const vm = spaces.at(queue);
    for (size_t i = 0; i < submission->cmd_count; ++i) {
      if (const auto list = lists.find(submission->cmds[i]); list != lists.end())
        faults.insert({vm, list->second});
    }
    if (IsFaulted(vm)) {
      for (size_t i = 0; i < submission->signal_count; ++i)
        null_table.sem_poison(submission->signals[i].sem, HAL_FAULTED);
      return HAL_OK;
    }
  }
  return null_table.queue_submit(queue, submission);
}

hal_status QueueDispatch(hal_queue* queue, const hal_dispatch* dispatch, hal_sem* sem, uint64_t value) {
  {
    std::lock_guard lock(mutex);
    hal_vm* const vm = spaces.at(queue);
    if (const hal_fault_kind kind = KindOf(*dispatch); kind != HAL_FAULT_NONE) faults.insert({vm, kind});
    if (IsFaulted(vm)) return sem == nullptr ? HAL_OK : null_table.sem_poison(sem, HAL_FAULTED);
  }
  return null_table.queue_dispatch(queue, dispatch, sem, value);
}

hal_status VmStatus(hal_vm* vm) {
  std::lock_guard lock(mutex);
  return IsFaulted(vm) ? HAL_FAULTED : HAL_OK;
}

void VmDestroy(hal_vm* vm) {
  {
    std::lock_guard lock(mutex);
    faults.erase(vm);
  }
  null_table.vm_destroy(vm);
}

hal_status FaultRead(hal_vm* vm, hal_fault* fault) {
  std::lock_guard lock(mutex);
  const auto found = faults.find(vm);
  if (found == faults.end()) return HAL_NOT_FOUND;
  const uint32_t size = fault->size;
  *fault = {};
  fault->size = size;
  fault->kind = found->second;
  std::snprintf(fault->kernel, sizeof fault->kernel, "kernel");
  return HAL_OK;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int hal_backend_entry(uint32_t abi_version,
                                                                        const hal_backend** out) {
  void* const library = dlopen(TQ_NULL_BACKEND, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return -1;
  const auto entry = reinterpret_cast<decltype(&hal_backend_entry)>(dlsym(library, "hal_backend_entry"));
  const hal_backend* null = nullptr;
  if (entry == nullptr || entry(abi_version, &null) != 0) return -1;
  null_table = table = *null;
  table.name = "faulting";
  table.queue_create = QueueCreate;
  table.queue_destroy = QueueDestroy;
  table.queue_submit = QueueSubmit;
  table.queue_dispatch = QueueDispatch;
  table.cmd_dispatch = CmdDispatch;
  table.cmd_reset = CmdReset;
  table.vm_status = VmStatus;
  table.vm_destroy = VmDestroy;
  table.fault_read = FaultRead;
  *out = &table;
  return 0;
}
