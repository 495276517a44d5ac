// Loaded code. Thread-safe. Kernels belong to the executable.
#pragma once

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "hal/device.h"

namespace tq::hal {

struct KernelEntry {
  hal_kernel* kernel = nullptr;
  hal_kernel_info info = {};
};

class Executable {
 public:
  // InvalidArgument (HAL_INCOMPATIBLE_CODE) carries the backend's log in its message.
  static absl::StatusOr<Executable> Load(const AddressSpace& vm, std::span<const uint8_t> code,
                                         std::span<const hal_import> imports);

  absl::StatusOr<KernelEntry> Kernel(const std::string& name) const;
  absl::StatusOr<hal_va> Symbol(const std::string& name) const;
  absl::StatusOr<hal_occupancy> Occupancy(const KernelEntry& entry, hal_dim3 block,
                                          uint32_t dynamic_shared_bytes) const;

  hal_exec* get() const { return handle_.get(); }

 private:
  Handle<hal_exec, &hal_backend::exec_unload> handle_;
};

}  // namespace tq::hal
