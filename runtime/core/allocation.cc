#include "runtime/core/allocation.h"

#include <atomic>
#include <cstddef>

#include "base/status.h"
#include "runtime/core/device.h"
#include "runtime/core/pool.h"
#include "runtime/core/process.h"

namespace tq::core {
namespace {

uint64_t NextId() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

// On a device whose addresses are host addresses, all memory is the host's to see. Elsewhere device memory is
// not.
uint32_t MemoryFlags(const Device& device, Allocation::Kind kind) {
  switch (kind) {
    case Allocation::Kind::kHost:
    case Allocation::Kind::kPoolHost:
    case Allocation::Kind::kRuntime:
      return HAL_MEM_HOST_VISIBLE | HAL_MEM_HOST_COHERENT | HAL_MEM_HOST_RESIDENT;
    case Allocation::Kind::kManaged:
    case Allocation::Kind::kPoolManaged:
      return HAL_MEM_HOST_VISIBLE | HAL_MEM_HOST_COHERENT;
    default:
      return device.hal().Has(HAL_DEVICE_UNIFIED_ADDRESSES) ? HAL_MEM_HOST_VISIBLE | HAL_MEM_HOST_COHERENT
                                                            : 0;
  }
}

// What may be shared with other processes has its pages to itself.
uint64_t RoundSize(const Device& device, Allocation::Kind kind, uint64_t size_bytes) {
  constexpr uint64_t kPageBytes = 4096;
  if (kind != Allocation::Kind::kDevice || !device.shares_objects() || size_bytes > UINT64_MAX - kPageBytes)
    return size_bytes;
  return (size_bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

}  // namespace

Allocation::Allocation(Context& context, Kind kind, uint64_t size_bytes, unsigned flags)
    : context_(context), kind_(kind), size_bytes_(size_bytes), flags_(flags), id_(NextId()) {}

absl::StatusOr<std::unique_ptr<Allocation>> Allocation::Create(Context& context, Kind kind,
                                                               uint64_t size_bytes, unsigned flags) {
  const Device& device = context.device();
  absl::StatusOr<hal::Memory> memory =
      hal::Memory::Create(device.hal(), RoundSize(device, kind, size_bytes), MemoryFlags(device, kind));
  if (!memory.ok()) return context.FromHal(memory.status());
  return Map(context, kind, *std::move(memory), size_bytes, flags, 0);
}

absl::StatusOr<std::unique_ptr<Allocation>> Allocation::Import(Context& context, Kind kind,
                                                               const hal_shared_handle& shared,
                                                               uint64_t skip_bytes) {
  absl::StatusOr<hal::Memory> memory = hal::Memory::Import(context.device().hal(), shared);
  if (!memory.ok()) return context.FromHal(memory.status());
  return Map(context, kind, *std::move(memory), shared.size_bytes - skip_bytes, 0, skip_bytes);
}

absl::StatusOr<std::unique_ptr<Allocation>> Allocation::Map(Context& context, Kind kind, hal::Memory memory,
                                                            uint64_t size_bytes, unsigned flags,
                                                            uint64_t skip_bytes) {
  hal_vm_op map = {sizeof(map)};
  map.kind = HAL_VM_OP_MAP;
  map.access = HAL_VM_READ | HAL_VM_WRITE;
  map.size_bytes = memory.info().size_bytes;
  map.mem = memory.get();
  RETURN_IF_ERROR(context.FromHal(context.vm().Bind(&map, 1)));
  std::unique_ptr<Allocation> allocation(new Allocation(context, kind, size_bytes, flags));
  allocation->memory_ = std::move(memory);
  allocation->skip_bytes_ = skip_bytes;
  void* const host_ptr = allocation->memory_.host_ptr();
  allocation->Enter(map.va + skip_bytes,
                    host_ptr == nullptr ? nullptr : static_cast<std::byte*>(host_ptr) + skip_bytes);
  return allocation;
}

absl::StatusOr<int> Allocation::ShareFile() {
  std::lock_guard lock(file_mutex_);
  if (!file_.is_open()) {
    const absl::StatusOr<hal_shared_handle> shared = memory_.Export(HAL_HANDLE_FD);
    if (!shared.ok()) return context_.FromHal(shared.status());
    file_ = OwnedFd(shared->fd);
  }
  return file_.get();
}

absl::StatusOr<std::unique_ptr<Allocation>> Allocation::Register(Context& context, void* host_ptr,
                                                                 uint64_t size_bytes, unsigned flags) {
  hal_vm_op map = {sizeof(map)};
  map.kind = HAL_VM_OP_MAP_HOST;
  map.access = HAL_VM_READ | HAL_VM_WRITE;
  map.size_bytes = size_bytes;
  map.host_ptr = host_ptr;
  RETURN_IF_ERROR(context.FromHal(context.vm().Bind(&map, 1)));
  std::unique_ptr<Allocation> allocation(new Allocation(context, Kind::kRegistered, size_bytes, flags));
  allocation->Enter(map.va, host_ptr);
  return allocation;
}

std::unique_ptr<Allocation> Allocation::OfMapping(Context& context, uint64_t device_ptr, uint64_t size_bytes,
                                                  CUmemAccess_flags access) {
  std::unique_ptr<Allocation> allocation(new Allocation(context, Kind::kVirtual, size_bytes, access));
  allocation->Enter(device_ptr, nullptr);
  return allocation;
}

void Allocation::Enter(uint64_t device_ptr, void* host_ptr) {
  device_ptr_ = device_ptr;
  host_ptr_ = host_ptr;
  if (kind_ != Kind::kRuntime) Process::Get().address_space().Insert(this);
}

namespace {

int OrdinalOf(const CUmemLocation& location) {
  return location.type == CU_MEM_LOCATION_TYPE_DEVICE ? location.id : CU_DEVICE_CPU;
}

}  // namespace

CUmemLocationType LocationTypeOf(int location) {
  if (location == CU_DEVICE_INVALID) return CU_MEM_LOCATION_TYPE_INVALID;
  return location == CU_DEVICE_CPU ? CU_MEM_LOCATION_TYPE_HOST : CU_MEM_LOCATION_TYPE_DEVICE;
}

MemoryAdvice Allocation::advice() const {
  std::lock_guard lock(advice_mutex_);
  return advice_;
}

void Allocation::NotePrefetch(const CUmemLocation& location) {
  std::lock_guard lock(advice_mutex_);
  advice_.last_prefetch_location = OrdinalOf(location);
}

void Allocation::Advise(CUmem_advise advice, const CUmemLocation& location) {
  std::lock_guard lock(advice_mutex_);
  const int where = OrdinalOf(location);
  switch (advice) {
    case CU_MEM_ADVISE_SET_READ_MOSTLY:
    case CU_MEM_ADVISE_UNSET_READ_MOSTLY:
      advice_.read_mostly = advice == CU_MEM_ADVISE_SET_READ_MOSTLY;
      break;
    case CU_MEM_ADVISE_SET_PREFERRED_LOCATION:
      advice_.preferred_location = where;
      break;
    case CU_MEM_ADVISE_UNSET_PREFERRED_LOCATION:
      advice_.preferred_location = CU_DEVICE_INVALID;
      break;
    case CU_MEM_ADVISE_SET_ACCESSED_BY:
    case CU_MEM_ADVISE_UNSET_ACCESSED_BY:
      std::erase(advice_.accessed_by, where);
      if (advice == CU_MEM_ADVISE_SET_ACCESSED_BY) advice_.accessed_by.push_back(where);
      break;
  }
}

void Allocation::set_pool(Ref<MemoryPool> pool) { pool_ = std::move(pool); }

Allocation::~Allocation() {
  if (pool_) pool_->Forget(this);
  if (kind_ != Kind::kRuntime) Process::Get().address_space().Erase(this);
  if (kind_ == Kind::kVirtual) return;
  hal_vm_op unmap = {sizeof(unmap)};
  unmap.kind = HAL_VM_OP_UNMAP;
  unmap.va = device_ptr_ - skip_bytes_;
  unmap.size_bytes = kind_ == Kind::kRegistered ? size_bytes_ : memory_.info().size_bytes;
  // Nothing can be done about a failure; a poisoned address space is about to go as a whole.
  context_.vm().Bind(&unmap, 1).IgnoreError();
}

}  // namespace tq::core
