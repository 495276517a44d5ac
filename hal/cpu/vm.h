// Address spaces. All of a process share one set of addresses, the process's own: a hal_vm keeps the ranges
// it reserved and mapped, and is the unit that a fault poisons.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

#include "hal/cpu/heap.h"
#include "hal/include/tianqiao/hal.h"

struct hal_vm {
  explicit hal_vm(hal_device* owner);
  ~hal_vm();

  hal_status Status() const { return static_cast<hal_status>(status.load(std::memory_order_acquire)); }
  // Stores the record, makes the device's notify_fd readable. The first one decides the status.
  void Fault(const hal_fault& fault);
  void Poison(hal_status reason);

  // Chooses the address of an operation that leaves it open; the range is the vm's from then on.
  hal_status ChooseAddress(hal_vm_op& op);
  hal_status Apply(const hal_vm_op& op);

  hal_device* const device;
  tq::hal::cpu::Heap heap;
  std::atomic<uint64_t> stack_bytes;  // of a thread of a fiber kernel, beyond its local variables
  std::atomic<uint32_t> status{HAL_OK};
  std::mutex mutex;
  std::deque<hal_fault> faults;
  std::map<uint64_t, uint64_t> reserved;  // begin -> size
  struct Mapping {
    uint64_t size_bytes;
    hal_mem* mem;
  };
  std::map<uint64_t, Mapping> mappings;   // at other addresses than the memory's own
  std::mutex bind_mutex;                  // order of binds
  std::unique_ptr<hal_queue> bind_queue;  // for binds that wait; made when first needed

 private:
  bool IsReserved(uint64_t address, uint64_t size_bytes) const;
  hal_status Map(const hal_vm_op& op);
  hal_status Unmap(uint64_t address, uint64_t size_bytes);
};

namespace tq::hal::cpu {

hal_status VmCreate(hal_device* device, hal_vm** out);
void VmDestroy(hal_vm* vm);
hal_status VmBind(hal_vm* vm, hal_vm_op* ops, size_t op_count, const hal_sem_point* waits, size_t wait_count,
                  const hal_sem_point* signals, size_t signal_count);
hal_status VmAdvise(hal_vm* vm, hal_va va, uint64_t size_bytes, hal_advice advice);
hal_status VmStatus(hal_vm* vm);
hal_status VmSetLimit(hal_vm* vm, hal_limit limit, uint64_t value);
hal_status FaultRead(hal_vm* vm, hal_fault* fault);

}  // namespace tq::hal::cpu
