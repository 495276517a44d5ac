// An open device and the address spaces on it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hal/handle.h"

namespace tq::hal {

// Thread-safe.
class Device {
 public:
  static absl::StatusOr<uint32_t> Count(const hal_backend* backend);
  static absl::StatusOr<Device> Open(const hal_backend* backend, uint32_t index);

  const hal_device_info& info() const { return info_; }
  bool Has(uint64_t flag) const { return (info_.flags & flag) == flag; }
  absl::StatusOr<hal_device_telemetry> Telemetry() const;
  absl::StatusOr<hal_link_info> Link(const Device& to) const;
  absl::StatusOr<uint64_t> TimeNs() const;
  absl::StatusOr<int> NotifyFd() const;
  // Code object targets that it takes, the preferred one first.
  std::vector<hal_target> Targets() const;
  absl::Status Reset();
  // See device_suspend in hal.h; Unimplemented where the device cannot.
  absl::Status Suspend() const;
  absl::Status Resume() const;

  hal_device* get() const { return handle_.get(); }
  const hal_backend* backend() const { return &handle_.table(); }

 private:
  Handle<hal_device, &hal_backend::device_close> handle_;
  hal_device_info info_ = {};
};

// Thread-safe. The unit that a fault poisons.
class AddressSpace {
 public:
  static absl::StatusOr<AddressSpace> Create(const Device& device);

  // Now and without semaphores: the common case.
  absl::Status Bind(hal_vm_op* ops, size_t op_count);
  absl::Status Advise(hal_va va, uint64_t size_bytes, hal_advice advice);
  // FailedPrecondition when kernels already use what the limit is of.
  absl::Status SetLimit(hal_limit limit, uint64_t value);
  bool IsFaulted() const { return handle_.table().vm_status(get()) != HAL_OK; }
  absl::Status status() const;
  // NotFound when nothing is unread.
  absl::StatusOr<hal_fault> ReadFault();

  hal_vm* get() const { return handle_.get(); }
  const hal_backend* backend() const { return &handle_.table(); }

 private:
  Handle<hal_vm, &hal_backend::vm_destroy> handle_;
};

}  // namespace tq::hal
