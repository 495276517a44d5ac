// A device as CUDA numbers it: properties, and its primary context. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ref.h"
#include "hal/device.h"
#include "runtime/core/device_attribute.h"

namespace tq::core {

class Context;
class MemoryPool;

struct ComputeCapability {
  bool operator==(const ComputeCapability&) const = default;
  int major, minor;
};

class Device {
 public:
  static absl::StatusOr<std::unique_ptr<Device>> Open(const hal_backend* backend, uint32_t index,
                                                      int ordinal);
  ~Device();

  int ordinal() const { return ordinal_; }
  const hal::Device& hal() const { return device_; }
  const hal_backend& table() const { return *device_.backend(); }
  const hal_device_info& info() const { return device_.info(); }
  const std::string& name() const { return name_; }
  ComputeCapability compute_capability() const { return compute_capability_; }
  // What the library that holds the address `caller` is told.
  ComputeCapability CapabilityFor(const void* caller) const;

  // Value of a CUdevice_attribute; CUDA_ERROR_INVALID_VALUE for one that does not exist.
  absl::StatusOr<int> Attribute(int attribute) const;
  absl::StatusOr<uint64_t> FreeBytes() const;
  // Whether cuMemMap and kin work here: one page table must serve the host and all contexts.
  bool has_virtual_memory() const {
    return device_.Has(HAL_DEVICE_VIRTUAL_MEMORY | HAL_DEVICE_UNIFIED_ADDRESSES);
  }

  // Whether memory and events can be shared with other processes.
  bool shares_objects() const { return device_.Has(HAL_DEVICE_SHARES_OBJECTS); }

  // Whether kernels here may use memory of `peer`.
  bool CanAccess(const Device& peer) const;

  // The primary context: one object for the life of the process, whose handle never changes; retaining it
  // activates it, the last release or a reset deactivates it (CUDA driver API, "Primary Context Management").
  Context& primary() const { return *primary_; }
  absl::Status RetainPrimary();
  absl::Status ReleasePrimary();
  absl::Status ResetPrimary();
  absl::Status SetPrimaryFlags(unsigned flags);
  unsigned primary_flags() const;

  // Of cuMemAllocAsync: the one set last, at first the default one.
  MemoryPool& default_pool() const { return *default_pool_; }
  Ref<MemoryPool> pool() const;
  void set_pool(Ref<MemoryPool> pool);

 private:
  Device(hal::Device device, int ordinal);

  const hal::Device device_;
  const int ordinal_;
  const std::string name_;
  const ComputeCapability compute_capability_;

  std::vector<AttributeValue> attributes_;

  Ref<MemoryPool> default_pool_;
  mutable std::mutex pool_mutex_;
  Ref<MemoryPool> pool_;

  // Recursive: teardown hooks are foreign code that may ask for the primary context.
  mutable std::recursive_mutex primary_mutex_;
  int primary_retained_ = 0;  // a reset keeps it
  unsigned primary_flags_ = 0;
  std::unique_ptr<Context> primary_;
};

}  // namespace tq::core
