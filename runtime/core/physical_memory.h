// A CUmemGenericAllocationHandle: memory without an address, until VirtualMemory maps it. The handle counts
// how often it was given out; mappings keep the memory when the handle is gone (CUDA driver API,
// cuMemRelease). Thread-safe.
#pragma once

#include <cuda.h>

#include <mutex>
#include <optional>

#include "absl/status/statusor.h"
#include "base/ref.h"
#include "hal/memory.h"
#include "runtime/core/handle.h"

namespace tq::core {

class Device;

class PhysicalMemory : public RefCounted {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kPhysicalMemory;
  // Sizes, offsets and addresses are multiples of it, as on NVIDIA's devices.
  static constexpr uint64_t kGranularityBytes = uint64_t{2} << 20;

  // CUDA_ERROR_NOT_SUPPORTED for a kind of memory that the device does not have, CUDA_ERROR_INVALID_DEVICE
  // for a location that does not exist.
  static absl::StatusOr<Device*> CheckProperties(const CUmemAllocationProp& properties);

  static absl::StatusOr<Ref<PhysicalMemory>> Create(uint64_t size_bytes,
                                                    const CUmemAllocationProp& properties);
  // Of what another object exported; the caller keeps `fd`.
  static absl::StatusOr<Ref<PhysicalMemory>> Import(Device& device, int fd);
  // Null for anything but a live handle.
  static Ref<PhysicalMemory> Find(CUmemGenericAllocationHandle handle);

  PhysicalMemory(Device& device, hal::Memory memory, const CUmemAllocationProp& properties);

  Device& device() const { return device_; }
  hal_mem* hal() const { return memory_.get(); }
  uint64_t size_bytes() const { return memory_.info().size_bytes; }
  const CUmemAllocationProp& properties() const { return properties_; }
  // A descriptor that the caller owns. CUDA_ERROR_INVALID_VALUE unless exporting was asked for at creation.
  absl::StatusOr<int> Export() const;

  // Each of the first wants one of the second. A released handle may come back while a mapping is left.
  CUmemGenericAllocationHandle GiveHandle();
  void TakeHandle();

 private:
  Device& device_;
  const hal::Memory memory_;
  const CUmemAllocationProp properties_;
  std::mutex mutex_;
  uint64_t given_ = 0;
  std::optional<Handle<PhysicalMemory>> handle_;
  Ref<PhysicalMemory> self_;  // while the handle is alive
};

}  // namespace tq::core
