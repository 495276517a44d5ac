// Memory and address spaces. Host memory stands in for the device's, so that pointers can be used.
#include <cstdlib>
#include <new>

#include "hal/null/objects.h"
#include "hal/sized.h"

namespace tq::hal::null {

hal_status VmCreate(hal_device* device, hal_vm** out) {
  *out = new (std::nothrow) hal_vm{device};
  return *out == nullptr ? HAL_OUT_OF_HOST_MEMORY : HAL_OK;
}

void VmDestroy(hal_vm* vm) { delete vm; }

// Your backend edits page tables here, after the waits. Addresses are chosen at once even when the edit is
// not.
hal_status VmBind(hal_vm* vm, hal_vm_op* ops, size_t op_count, const hal_sem_point* waits, size_t wait_count,
                  const hal_sem_point* signals, size_t signal_count) {
  static std::atomic<hal_va> next_reserve{hal_va{1} << 45};
  for (size_t i = 0; i < op_count; ++i) {
    hal_vm_op& op = ops[i];
    if (op.va != 0) continue;
    if (op.kind == HAL_VM_OP_MAP) op.va = reinterpret_cast<hal_va>(op.mem->host_ptr) + op.mem_offset_bytes;
    if (op.kind == HAL_VM_OP_MAP_HOST) op.va = reinterpret_cast<hal_va>(op.host_ptr);
    if (op.kind == HAL_VM_OP_RESERVE) {
      const uint64_t align = op.align_bytes > 4096 ? op.align_bytes : 4096;
      op.va = (next_reserve.fetch_add(op.size_bytes + 2 * align) + align - 1) & ~(align - 1);
    }
  }
  for (size_t i = 0; i < signal_count; ++i) SemSignal(signals[i].sem, signals[i].value);
  return HAL_OK;
}

hal_status VmAdvise(hal_vm* vm, hal_va va, uint64_t size_bytes, hal_advice advice) { return HAL_OK; }

hal_status VmStatus(hal_vm* vm) { return HAL_OK; }

hal_status VmSetLimit(hal_vm* vm, hal_limit limit, uint64_t value) { return HAL_OK; }

hal_status FaultRead(hal_vm* vm, hal_fault* fault) { return HAL_NOT_FOUND; }

hal_status MemCreate(hal_device* device, const hal_mem_desc* desc, hal_mem** out) {
  const uint64_t align = desc->align_bytes == 0 ? 512 : desc->align_bytes;
  if (device->memory_used_bytes.fetch_add(desc->size_bytes) + desc->size_bytes > kMemoryBytes) {
    device->memory_used_bytes -= desc->size_bytes;
    return HAL_OUT_OF_MEMORY;
  }
  const uint64_t rounded = (desc->size_bytes + align - 1) & ~(align - 1);
  void* pointer = std::aligned_alloc(align, rounded == 0 ? align : rounded);
  hal_mem* mem = pointer == nullptr ? nullptr : new (std::nothrow) hal_mem;
  if (mem == nullptr) {
    std::free(pointer);
    device->memory_used_bytes -= desc->size_bytes;
    return HAL_OUT_OF_HOST_MEMORY;
  }
  *mem = {device, pointer, desc->size_bytes, desc->flags | HAL_MEM_HOST_VISIBLE | HAL_MEM_HOST_COHERENT};
  *out = mem;
  return HAL_OK;
}

void MemDestroy(hal_mem* mem) {
  mem->device->memory_used_bytes -= mem->size_bytes;
  std::free(mem->host_ptr);
  delete mem;
}

hal_status MemInfo(hal_mem* mem, hal_mem_info* info) {
  WriteSized(info, {.flags = mem->flags,
                    .size_bytes = mem->size_bytes,
                    .host_ptr = mem->host_ptr,
                    .va = reinterpret_cast<hal_va>(mem->host_ptr)});
  return HAL_OK;
}

hal_status MemSync(hal_mem* mem, uint64_t offset_bytes, uint64_t size_bytes, uint32_t to_device) {
  return HAL_OK;
}

hal_status MemExport(hal_mem* mem, hal_handle_kind kind, hal_shared_handle* out) { return HAL_UNSUPPORTED; }

hal_status MemImport(hal_device* device, const hal_shared_handle* handle, hal_mem** out) {
  return HAL_UNSUPPORTED;
}

}  // namespace tq::hal::null
