// All pools of the process but the devices' default ones, and which of them is the current one of host
// locations and of managed memory. That of a device's own memory is the device's. Thread-safe.
#pragma once

#include <cuda.h>

#include <map>
#include <mutex>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ref.h"
#include "runtime/core/pool.h"

namespace tq::core {

class PoolTable {
 public:
  static PoolTable& Get();

  // CUDA_ERROR_INVALID_VALUE, CUDA_ERROR_INVALID_DEVICE, CUDA_ERROR_NOT_SUPPORTED.
  absl::StatusOr<MemoryPool*> Create(const CUmemPoolProps& properties);
  MemoryPool* Adopt(Ref<MemoryPool> pool);
  // The current pool, if it was this one, is the default one again. Default pools stay:
  // CUDA_ERROR_INVALID_VALUE.
  absl::Status Destroy(MemoryPool& pool);

  absl::StatusOr<MemoryPool*> Default(const CUmemLocation& location, CUmemAllocationType type);
  absl::StatusOr<MemoryPool*> Current(const CUmemLocation& location, CUmemAllocationType type);
  // CUDA_ERROR_INVALID_VALUE for a pool of another place or type.
  absl::Status SetCurrent(const CUmemLocation& location, CUmemAllocationType type, MemoryPool& pool);

  // Down to each one's release threshold.
  void Trim();

 private:
  using Place = std::tuple<CUmemAllocationType, CUmemLocationType, int>;
  struct Pools {
    Ref<MemoryPool> standard, current;
  };

  // The pools of a place that is no device's own memory.
  Pools& At(const CUmemPoolProps& properties);

  std::mutex mutex_;
  std::vector<Ref<MemoryPool>> created_;
  std::map<Place, Pools> places_;
};

}  // namespace tq::core
