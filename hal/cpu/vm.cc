#include "hal/cpu/vm.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <vector>

#include "hal/cpu/device.h"
#include "hal/cpu/memory.h"
#include "hal/cpu/queue.h"
#include "hal/cpu/semaphore.h"
#include "hal/sized.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

namespace {

constexpr uint64_t kPage = 4096;
constexpr size_t kMaxFaults = 16;  // a poisoned vm runs nothing: more can only come from what was in flight

bool IsPageAligned(uint64_t value) { return (value & (kPage - 1)) == 0; }
void* Pointer(uint64_t address) { return reinterpret_cast<void*>(address); }

int ProtectionOf(uint32_t access) {
  return ((access & HAL_VM_READ) != 0 ? PROT_READ : 0) |
         ((access & HAL_VM_WRITE) != 0 ? PROT_READ | PROT_WRITE : 0);
}

bool ReserveAt(uint64_t address, uint64_t size_bytes) {
  void* place = mmap(Pointer(address), size_bytes, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (place == MAP_FAILED) return false;
  if (place == Pointer(address)) return true;
  munmap(place, size_bytes);  // a kernel before 4.17 takes the address as a hint
  return false;
}

uint64_t ReserveAnywhere(uint64_t size_bytes, uint64_t align_bytes) {
  const uint64_t align = std::max(align_bytes, kPage);
  const uint64_t padded = size_bytes + align - kPage;
  if (padded < size_bytes) return 0;
  void* place = mmap(nullptr, padded, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (place == MAP_FAILED) return 0;
  const uint64_t begin = reinterpret_cast<uint64_t>(place);
  const uint64_t aligned = (begin + align - 1) & ~(align - 1);
  if (aligned > begin) munmap(place, aligned - begin);
  const uint64_t end = begin + padded;
  if (end > aligned + size_bytes) munmap(Pointer(aligned + size_bytes), end - aligned - size_bytes);
  return aligned;
}

}  // namespace

hal_vm::hal_vm(hal_device* owner)
    : device(owner), heap(owner->options.heap_bytes), stack_bytes(owner->options.stack_bytes) {}

hal_vm::~hal_vm() {
  for (const auto& [address, mapping] : mappings) {
    if (!IsReserved(address, mapping.size_bytes)) munmap(Pointer(address), mapping.size_bytes);
    mapping.mem->Unref();
  }
  for (const auto& [address, size] : reserved) munmap(Pointer(address), size);
}

void hal_vm::Poison(hal_status reason) {
  uint32_t expected = HAL_OK;
  status.compare_exchange_strong(expected, reason, std::memory_order_acq_rel);
}

void hal_vm::Fault(const hal_fault& fault) {
  {
    const std::lock_guard lock(mutex);
    if (faults.size() < kMaxFaults) faults.push_back(fault);
  }
  Poison(HAL_FAULTED);
  device->Notify();
}

bool hal_vm::IsReserved(uint64_t address, uint64_t size_bytes) const {
  auto it = reserved.upper_bound(address);
  if (it == reserved.begin()) return false;
  --it;
  return address + size_bytes <= it->first + it->second;
}

hal_status hal_vm::ChooseAddress(hal_vm_op& op) {
  switch (op.kind) {
    case HAL_VM_OP_MAP:
      if (op.va == 0) op.va = op.mem->address + op.mem_offset_bytes;
      return HAL_OK;
    case HAL_VM_OP_MAP_HOST:
      if (op.va == 0) op.va = reinterpret_cast<hal_va>(op.host_ptr);
      return op.va == reinterpret_cast<hal_va>(op.host_ptr) ? HAL_OK
                                                            : HAL_UNSUPPORTED;  // addresses are unified
    case HAL_VM_OP_RESERVE: {
      if (!IsPageAligned(op.va) || !IsPageAligned(op.size_bytes) || op.size_bytes == 0) return HAL_INVALID;
      const std::lock_guard lock(mutex);
      if (op.va == 0) {
        op.va = ReserveAnywhere(op.size_bytes, op.align_bytes);
        if (op.va == 0) return HAL_OUT_OF_MEMORY;
      } else if (!ReserveAt(op.va, op.size_bytes)) {
        return HAL_BUSY;
      }
      reserved.emplace(op.va, op.size_bytes);
      return HAL_OK;
    }
    default:
      return HAL_OK;
  }
}

hal_status hal_vm::Map(const hal_vm_op& op) {
  if (op.va == op.mem->address + op.mem_offset_bytes) return HAL_OK;  // there already
  if (!IsPageAligned(op.va) || !IsPageAligned(op.size_bytes) || !IsPageAligned(op.mem_offset_bytes))
    return HAL_INVALID;
  const bool is_reserved = IsReserved(op.va, op.size_bytes);
  if (!is_reserved && !ReserveAt(op.va, op.size_bytes)) return HAL_BUSY;
  const hal_status status = op.mem->MapAt(op.va, op.mem_offset_bytes, op.size_bytes, ProtectionOf(op.access));
  if (status != HAL_OK) {
    if (!is_reserved) munmap(Pointer(op.va), op.size_bytes);
    return status;
  }
  op.mem->Ref();
  mappings[op.va] = {op.size_bytes, op.mem};
  return HAL_OK;
}

// Drops the mappings that lie in the range. Memory at its own address stays: it is hot, and its owner's.
hal_status hal_vm::Unmap(uint64_t address, uint64_t size_bytes) {
  for (auto it = mappings.lower_bound(address); it != mappings.end() && it->first < address + size_bytes;) {
    const auto [begin, mapping] = *it;
    if (IsReserved(begin, mapping.size_bytes)) {
      void* place = mmap(Pointer(begin), mapping.size_bytes, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
      if (place == MAP_FAILED) return HAL_OUT_OF_HOST_MEMORY;
    } else {
      munmap(Pointer(begin), mapping.size_bytes);
    }
    mapping.mem->Unref();
    it = mappings.erase(it);
  }
  return HAL_OK;
}

hal_status hal_vm::Apply(const hal_vm_op& op) {
  const std::lock_guard lock(mutex);
  switch (op.kind) {
    case HAL_VM_OP_MAP:
      return Map(op);
    case HAL_VM_OP_UNMAP:
      return Unmap(op.va, op.size_bytes);
    case HAL_VM_OP_PROTECT:
      if (!IsPageAligned(op.va) || !IsPageAligned(op.size_bytes)) return HAL_INVALID;
      return mprotect(Pointer(op.va), op.size_bytes, ProtectionOf(op.access)) == 0 ? HAL_OK : HAL_INVALID;
    case HAL_VM_OP_MAP_HOST:
    case HAL_VM_OP_RESERVE:
      return HAL_OK;  // done when the address was chosen
    case HAL_VM_OP_RELEASE: {
      const auto it = reserved.find(op.va);
      if (it == reserved.end()) return HAL_INVALID;
      const hal_status status = Unmap(it->first, it->second);
      munmap(Pointer(it->first), it->second);
      reserved.erase(it);
      return status;
    }
    default:
      return HAL_UNSUPPORTED;
  }
}

namespace tq::hal::cpu {

hal_status VmCreate(hal_device* device, hal_vm** out) {
  if (device->is_orphaned()) return HAL_DEVICE_LOST;
  *out = new (std::nothrow) hal_vm(device);
  if (*out == nullptr) return HAL_OUT_OF_HOST_MEMORY;
  device->AddVm(*out);
  return HAL_OK;
}

void VmDestroy(hal_vm* vm) {
  vm->bind_queue.reset();  // waits for what was submitted
  vm->device->RemoveVm(vm);
  delete vm;
}

hal_status VmBind(hal_vm* vm, hal_vm_op* ops, size_t op_count, const hal_sem_point* waits, size_t wait_count,
                  const hal_sem_point* signals, size_t signal_count) {
  std::vector<hal_vm_op> copies;
  copies.reserve(op_count);
  for (size_t i = 0; i < op_count; ++i) {
    hal_vm_op op = ReadSized(&ops[i]);
    if (const hal_status status = vm->ChooseAddress(op); status != HAL_OK) return status;
    ops[i].va = op.va;
    copies.push_back(op);
  }
  const std::lock_guard lock(vm->bind_mutex);
  bool must_wait = vm->bind_queue != nullptr && vm->bind_queue->IsBusy();
  for (size_t i = 0; i < wait_count; ++i) {
    must_wait |= waits[i].sem->Status() != HAL_OK || !waits[i].sem->IsReached(waits[i].value);
  }
  if (must_wait) {
    if (vm->bind_queue == nullptr) vm->bind_queue = std::make_unique<hal_queue>(vm, 0);
    return vm->bind_queue->SubmitBind(std::move(copies), {waits, wait_count}, {signals, signal_count});
  }
  for (const hal_vm_op& op : copies) {
    if (const hal_status status = vm->Apply(op); status != HAL_OK) return status;
  }
  for (size_t i = 0; i < signal_count; ++i) signals[i].sem->Signal(signals[i].value);
  return HAL_OK;
}

// Prefetch means: touch it now, so that a kernel does not pay. The rest has no meaning on one memory.
hal_status VmAdvise(hal_vm* vm, hal_va va, uint64_t size_bytes, hal_advice advice) {
  if (advice != HAL_ADVISE_PREFETCH_DEVICE && advice != HAL_ADVISE_PREFETCH_HOST) return HAL_OK;
  const uint64_t begin = va & ~(kPage - 1);
  madvise(Pointer(begin), (va + size_bytes - begin + kPage - 1) & ~(kPage - 1),
          MADV_POPULATE_READ);  // a hint: may fail
  return HAL_OK;
}

hal_status VmStatus(hal_vm* vm) { return vm->Status(); }

hal_status VmSetLimit(hal_vm* vm, hal_limit limit, uint64_t value) {
  switch (limit) {
    case HAL_LIMIT_HEAP:
      return vm->heap.Resize(value) ? HAL_OK : HAL_BUSY;
    case HAL_LIMIT_STACK:
      vm->stack_bytes.store(std::max<uint64_t>(value, vm->device->options.stack_bytes),
                            std::memory_order_relaxed);
      return HAL_OK;
  }
  return HAL_UNSUPPORTED;
}

hal_status FaultRead(hal_vm* vm, hal_fault* fault) {
  const std::lock_guard lock(vm->mutex);
  if (vm->faults.empty()) return HAL_NOT_FOUND;
  WriteSized(fault, vm->faults.front());
  vm->faults.pop_front();
  return HAL_OK;
}

}  // namespace tq::hal::cpu
