// Code. The target's name decides what the compiler emits; your backend names its own, and checks in ExecLoad
// that the code object (base/code_object.h) is of that target and ABI before it trusts a byte of it.
#include <cstdio>
#include <cstring>
#include <new>

#include "hal/null/objects.h"
#include "hal/sized.h"

namespace tq::hal::null {

hal_status ExecProbe(hal_device* device, uint32_t index, hal_target* target) {
  if (index != 0) return HAL_NOT_FOUND;
  hal_target value = {};
  std::strcpy(value.target, "null");
  WriteSized(target, value);
  return HAL_OK;
}

hal_status ExecLoad(hal_vm* vm, const void* code, size_t code_size, const hal_import* imports,
                    size_t import_count, hal_exec** out, char* log, size_t log_size) {
  if (log_size > 0) log[0] = '\0';
  *out = new (std::nothrow) hal_exec;
  return *out == nullptr ? HAL_OUT_OF_HOST_MEMORY : HAL_OK;
}

void ExecUnload(hal_exec* exec) { delete exec; }

// Every name is a kernel.
hal_status ExecKernel(hal_exec* exec, const char* name, hal_kernel** out, hal_kernel_info* info) {
  exec->kernel.name = name;
  *out = &exec->kernel;
  if (info != nullptr) WriteSized(info, {.register_count = 32, .max_threads_per_block = 1024});
  return HAL_OK;
}

hal_status ExecSymbol(hal_exec* exec, const char* name, hal_va* address) { return HAL_NOT_FOUND; }

hal_status KernelOccupancy(hal_kernel* kernel, hal_dim3 block, uint32_t dynamic_shared_bytes,
                           hal_occupancy* out) {
  WriteSized(out, {.blocks_per_unit = 1, .resident_blocks = 1});
  return HAL_OK;
}

}  // namespace tq::hal::null
