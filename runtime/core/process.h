// The root of the object tree, one per process: the devices of all HAL backends. Built by cuInit, never
// destroyed: programs call into the library from destructors that run after main, and the device threads may
// still be at work.
//
// After a fork of a process that has made a context the child has no devices (their threads and mappings
// stayed in the parent): is_initialized is false there and every call answers CUDA_ERROR_NOT_INITIALIZED, as
// with CUDA. Unlike with CUDA a process that has only looked at devices which survive that
// (HAL_DEVICE_SURVIVES_FORK), as monitors do, has children that may use them.
//
// Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/core/address_space.h"

namespace tq::core {

class Device;

class Process {
 public:
  static Process& Get();

  // Loads the backends that TIANQIAO_HAL names and opens their devices. Later calls return the first one's
  // answer.
  absl::Status Init();

  int device_count() const { return static_cast<int>(devices_.size()); }
  // CUDA_ERROR_INVALID_DEVICE outside 0 .. device_count() - 1.
  absl::StatusOr<Device*> DeviceAt(int ordinal) const;

  AddressSpace& address_space() { return address_space_; }

  // Before the first context is made.
  void MarkInUse() { is_in_use_.store(true, std::memory_order_release); }

 private:
  Process() = default;
  absl::Status OpenDevices();

  bool SurvivesFork() const;

  std::atomic<bool> forked_{false};
  std::atomic<bool> is_in_use_{false};
  AddressSpace address_space_;
  std::vector<std::unique_ptr<Device>> devices_;  // constant once initialised
};

}  // namespace tq::core
