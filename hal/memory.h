// Physical memory of a device. Thread-safe. Destroying it while work uses it is allowed.
#pragma once

#include "absl/status/statusor.h"
#include "hal/device.h"

namespace tq::hal {

class Memory {
 public:
  // `flags` are HAL_MEM_*; ResourceExhausted when the device is full.
  static absl::StatusOr<Memory> Create(const Device& device, uint64_t size_bytes, uint32_t flags,
                                       uint64_t align_bytes = 0);
  static absl::StatusOr<Memory> Import(const Device& device, const hal_shared_handle& handle);

  const hal_mem_info& info() const { return info_; }
  void* host_ptr() const { return info_.host_ptr; }
  hal_va va() const { return info_.va; }
  absl::StatusOr<hal_shared_handle> Export(hal_handle_kind kind) const;
  // For devices without HAL_DEVICE_COHERENT.
  absl::Status Flush(uint64_t offset_bytes, uint64_t size_bytes);
  absl::Status Invalidate(uint64_t offset_bytes, uint64_t size_bytes);

  hal_mem* get() const { return handle_.get(); }

 private:
  static absl::StatusOr<Memory> Adopt(const hal_backend* backend, hal_mem* mem);

  Handle<hal_mem, &hal_backend::mem_destroy> handle_;
  hal_mem_info info_ = {};
};

}  // namespace tq::hal
