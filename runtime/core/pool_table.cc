#include "runtime/core/pool_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/process.h"

namespace tq::core {
namespace {

absl::Status NoSuchPlace(const CUmemPoolProps& properties) {
  return CudaError(
      CUDA_ERROR_INVALID_VALUE,
      absl::StrCat("there are no pools of memory of type ", properties.allocType, " at locations of type ",
                   properties.location.type, " (number ", properties.location.id, ")"));
}

// The place in the form that places are compared in.
absl::StatusOr<CUmemPoolProps> Normalize(CUmemPoolProps properties) {
  CUmemLocation& location = properties.location;
  const bool is_managed = properties.allocType == CU_MEM_ALLOCATION_TYPE_MANAGED;
  if (!is_managed && properties.allocType != CU_MEM_ALLOCATION_TYPE_PINNED) return NoSuchPlace(properties);
  switch (location.type) {
    case CU_MEM_LOCATION_TYPE_DEVICE:
      RETURN_IF_ERROR(Process::Get().DeviceAt(location.id).status());
      return properties;
    case CU_MEM_LOCATION_TYPE_HOST:
    case CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT:
      location.id = 0;  // of no meaning
      return properties;
    case CU_MEM_LOCATION_TYPE_HOST_NUMA:
      if (location.id < 0) return NoSuchPlace(properties);
      return properties;
    default:
      if (!is_managed || location.type != CU_MEM_LOCATION_TYPE_NONE) return NoSuchPlace(properties);
      location.id = 0;
      return properties;
  }
}

absl::StatusOr<CUmemPoolProps> PlaceOf(const CUmemLocation& location, CUmemAllocationType type) {
  CUmemPoolProps properties = {};
  properties.allocType = type;
  properties.location = location;
  return Normalize(properties);
}

absl::StatusOr<Device*> DeviceOf(const CUmemPoolProps& properties) {
  const bool is_device = properties.location.type == CU_MEM_LOCATION_TYPE_DEVICE;
  ASSIGN_OR_RETURN(Device* const device, Process::Get().DeviceAt(is_device ? properties.location.id : 0));
  if (properties.allocType == CU_MEM_ALLOCATION_TYPE_MANAGED) {
    ASSIGN_OR_RETURN(const int has_managed, device->Attribute(CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY));
    if (has_managed == 0) return CudaError(CUDA_ERROR_NOT_SUPPORTED, "the device has no managed memory");
  }
  return device;
}

bool IsAtDevice(const CUmemPoolProps& place) {
  return place.allocType == CU_MEM_ALLOCATION_TYPE_PINNED &&
         place.location.type == CU_MEM_LOCATION_TYPE_DEVICE;
}

}  // namespace

PoolTable& PoolTable::Get() {
  static auto* const table = new PoolTable;  // as long as Process
  return *table;
}

absl::StatusOr<MemoryPool*> PoolTable::Create(const CUmemPoolProps& given) {
  ASSIGN_OR_RETURN(const CUmemPoolProps properties, Normalize(given));
  if (given.usage != 0)
    return CudaError(CUDA_ERROR_NOT_SUPPORTED, "the device decompresses nothing in hardware");
  ASSIGN_OR_RETURN(Device* const device, DeviceOf(properties));
  if (given.handleTypes != CU_MEM_HANDLE_TYPE_NONE) {
    const bool is_shareable = given.handleTypes == CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR &&
                              properties.allocType == CU_MEM_ALLOCATION_TYPE_PINNED &&
                              device->shares_objects();
    if (!is_shareable) {
      return CudaError(CUDA_ERROR_NOT_SUPPORTED,
                       absl::StrCat("such a pool cannot be shared by handles of type ", given.handleTypes));
    }
  }
  return Adopt(MakeRef<MemoryPool>(*device, properties));
}

MemoryPool* PoolTable::Adopt(Ref<MemoryPool> pool) {
  std::lock_guard lock(mutex_);
  created_.push_back(std::move(pool));
  return created_.back().get();
}

absl::Status PoolTable::Destroy(MemoryPool& pool) {
  const Ref<MemoryPool> keep(&pool);
  {
    std::lock_guard lock(mutex_);
    const auto created =
        std::find_if(created_.begin(), created_.end(), [&](const auto& each) { return each.get() == &pool; });
    if (created == created_.end()) {
      return CudaError(CUDA_ERROR_INVALID_VALUE, "a default pool cannot be destroyed");
    }
    created_.erase(created);
    for (auto& [place, pools] : places_) {
      if (pools.current.get() == &pool) pools.current = pools.standard;
    }
  }
  if (pool.device().pool().get() == &pool)
    pool.device().set_pool(Ref<MemoryPool>(&pool.device().default_pool()));
  pool.Retire();
  pool.TrimTo(0);
  return absl::OkStatus();
}

PoolTable::Pools& PoolTable::At(const CUmemPoolProps& place) {
  return places_[{place.allocType, place.location.type, place.location.id}];
}

absl::StatusOr<MemoryPool*> PoolTable::Default(const CUmemLocation& location, CUmemAllocationType type) {
  ASSIGN_OR_RETURN(const CUmemPoolProps place, PlaceOf(location, type));
  ASSIGN_OR_RETURN(Device* const device, DeviceOf(place));
  if (IsAtDevice(place)) return &device->default_pool();
  std::lock_guard lock(mutex_);
  Pools& pools = At(place);
  if (!pools.standard) pools = {MakeRef<MemoryPool>(*device, place), Ref<MemoryPool>()};
  if (!pools.current) pools.current = pools.standard;
  return pools.standard.get();
}

absl::StatusOr<MemoryPool*> PoolTable::Current(const CUmemLocation& location, CUmemAllocationType type) {
  ASSIGN_OR_RETURN(MemoryPool* const standard, Default(location, type));
  if (standard->is_of_device()) return standard->device().pool().get();
  std::lock_guard lock(mutex_);
  return At(standard->properties()).current.get();
}

absl::Status PoolTable::SetCurrent(const CUmemLocation& location, CUmemAllocationType type,
                                   MemoryPool& pool) {
  ASSIGN_OR_RETURN(MemoryPool* const standard, Default(location, type));
  const CUmemPoolProps& theirs = pool.properties();
  const CUmemPoolProps& place = standard->properties();
  if (theirs.allocType != place.allocType || theirs.location.type != place.location.type ||
      theirs.location.id != place.location.id || pool.is_imported()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the pool is of another place or type of memory");
  }
  if (standard->is_of_device()) {
    standard->device().set_pool(Ref<MemoryPool>(&pool));
    return absl::OkStatus();
  }
  std::lock_guard lock(mutex_);
  At(place).current = Ref<MemoryPool>(&pool);
  return absl::OkStatus();
}

void PoolTable::Trim() {
  std::vector<Ref<MemoryPool>> pools;
  {
    std::lock_guard lock(mutex_);
    pools = created_;
    for (const auto& [place, at] : places_) pools.push_back(at.standard);
  }
  for (const Ref<MemoryPool>& pool : pools) pool->TrimTo(pool->release_threshold_bytes);
}

}  // namespace tq::core
