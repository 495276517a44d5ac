#include "runtime/core/virtual_memory.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/hal_error.h"
#include "runtime/core/physical_memory.h"
#include "runtime/core/process.h"

namespace tq::core {
namespace {

constexpr uint64_t kGranularityBytes = PhysicalMemory::kGranularityBytes;

// A range of at least one granule that does not wrap around.
absl::Status CheckRange(uint64_t address, uint64_t size_bytes) {
  if (size_bytes != 0 && (address | size_bytes) % kGranularityBytes == 0 &&
      address <= UINT64_MAX - size_bytes) {
    return absl::OkStatus();
  }
  return CudaError(CUDA_ERROR_INVALID_VALUE,
                   absl::StrCat("the range is no multiple of the granularity (", size_bytes, " bytes at 0x",
                                absl::Hex(address), ")"));
}

uint32_t HalAccess(CUmemAccess_flags flags) {
  switch (flags) {
    case CU_MEM_ACCESS_FLAGS_PROT_READ:
      return HAL_VM_READ;
    case CU_MEM_ACCESS_FLAGS_PROT_READWRITE:
      return HAL_VM_READ | HAL_VM_WRITE;
    default:
      return 0;
  }
}

}  // namespace

VirtualMemory& VirtualMemory::Get() {
  static auto* const memory = new VirtualMemory;  // as long as Process
  return *memory;
}

absl::StatusOr<hal::AddressSpace*> VirtualMemory::Space() {
  if (!space_.has_value()) {
    ASSIGN_OR_RETURN(const Device* const device, Process::Get().DeviceAt(0));
    if (!device->has_virtual_memory()) {
      return CudaError(CUDA_ERROR_NOT_SUPPORTED,
                       "the device maps no memory at addresses of the program's choice");
    }
    absl::StatusOr<hal::AddressSpace> space = hal::AddressSpace::Create(device->hal());
    if (!space.ok()) return FromHal(space.status());
    space_ = *std::move(space);
  }
  return &*space_;
}

absl::Status VirtualMemory::Bind(uint32_t kind, uint64_t address, uint64_t size_bytes, uint32_t access) {
  hal_vm_op op = {sizeof(op)};
  op.kind = kind;
  op.va = address;
  op.size_bytes = size_bytes;
  op.access = access;
  return FromHal(space_->Bind(&op, 1));
}

absl::StatusOr<uint64_t> VirtualMemory::Reserve(uint64_t size_bytes, uint64_t align_bytes, uint64_t address) {
  RETURN_IF_ERROR(CheckRange(0, size_bytes));
  constexpr uint64_t kPageBytes = 4096;  // of the host
  if (address % kPageBytes != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the address is not of a page (0x", absl::Hex(address), ")"));
  }
  if ((align_bytes & (align_bytes - 1)) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the alignment is no power of two (", align_bytes, ")"));
  }
  const uint64_t align = std::max(align_bytes, kGranularityBytes);
  const std::lock_guard lock(mutex_);
  ASSIGN_OR_RETURN(hal::AddressSpace* const space, Space());
  hal_vm_op reserve = {sizeof(reserve)};
  reserve.kind = HAL_VM_OP_RESERVE;
  reserve.size_bytes = size_bytes;
  reserve.align_bytes = align;
  reserve.va = address % align == 0 ? address : 0;
  absl::Status status = space->Bind(&reserve, 1);
  if (!status.ok() && reserve.va != 0) {
    reserve.va = 0;
    status = space->Bind(&reserve, 1);
  }
  if (!status.ok()) return FromHal(status);
  reservations_[reserve.va] = size_bytes;
  reservation_count_.store(reservations_.size(), std::memory_order_release);
  return reserve.va;
}

bool VirtualMemory::IsReserved(uint64_t address) const {
  if (reservation_count_.load(std::memory_order_acquire) == 0) return false;
  const std::lock_guard lock(mutex_);
  const auto after = reservations_.upper_bound(address);
  return after != reservations_.begin() && address - std::prev(after)->first < std::prev(after)->second;
}

absl::Status VirtualMemory::Free(uint64_t address, uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  const auto reservation = reservations_.find(address);
  if (reservation == reservations_.end() || reservation->second != size_bytes) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("no reservation of ", size_bytes,
                                                            " bytes begins at 0x", absl::Hex(address)));
  }
  const auto mapping = mappings_.lower_bound(address);
  if (mapping != mappings_.end() && mapping->first < address + size_bytes) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("memory is mapped at 0x", absl::Hex(mapping->first)));
  }
  RETURN_IF_ERROR(Bind(HAL_VM_OP_RELEASE, address, size_bytes));
  reservations_.erase(reservation);
  reservation_count_.store(reservations_.size(), std::memory_order_release);
  return absl::OkStatus();
}

absl::Status VirtualMemory::Map(uint64_t address, uint64_t size_bytes, uint64_t offset_bytes,
                                Ref<PhysicalMemory> memory) {
  RETURN_IF_ERROR(CheckRange(address, size_bytes));
  if (offset_bytes % kGranularityBytes != 0 || offset_bytes > memory->size_bytes() ||
      size_bytes > memory->size_bytes() - offset_bytes) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat(size_bytes, " bytes at ", offset_bytes, " are not in the memory (",
                                  memory->size_bytes(), " bytes)"));
  }
  const std::lock_guard lock(mutex_);
  const auto after = reservations_.upper_bound(address);
  if (after == reservations_.begin() ||
      address + size_bytes > std::prev(after)->first + std::prev(after)->second) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the range is not reserved (0x", absl::Hex(address), ")"));
  }
  const auto next = mappings_.lower_bound(address);
  if (Find(address) != mappings_.end() || (next != mappings_.end() && next->first < address + size_bytes)) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("a part of the range is mapped (0x", absl::Hex(address), ")"));
  }
  hal_vm_op map = {sizeof(map)};
  map.kind = HAL_VM_OP_MAP;
  map.va = address;
  map.size_bytes = size_bytes;
  map.mem = memory->hal();
  map.mem_offset_bytes = offset_bytes;
  RETURN_IF_ERROR(FromHal(space_->Bind(&map, 1)));
  mappings_.emplace(address, Mapping{size_bytes, std::move(memory), {}, nullptr});
  return absl::OkStatus();
}

VirtualMemory::Mappings::const_iterator VirtualMemory::Find(uint64_t address) const {
  const auto after = mappings_.upper_bound(address);
  if (after == mappings_.begin()) return mappings_.end();
  const auto mapping = std::prev(after);
  return address - mapping->first < mapping->second.size_bytes ? mapping : mappings_.end();
}

absl::Status VirtualMemory::CheckMapped(uint64_t address, uint64_t size_bytes) const {
  RETURN_IF_ERROR(CheckRange(address, size_bytes));
  uint64_t at = address;
  for (auto mapping = mappings_.find(address); at < address + size_bytes; ++mapping) {
    if (mapping == mappings_.end() || mapping->first != at) break;
    at += mapping->second.size_bytes;
  }
  if (at == address + size_bytes) return absl::OkStatus();
  return CudaError(CUDA_ERROR_INVALID_VALUE,
                   absl::StrCat("the range is not made of whole mappings (", size_bytes, " bytes at 0x",
                                absl::Hex(address), ")"));
}

absl::Status VirtualMemory::Unmap(uint64_t address, uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(CheckMapped(address, size_bytes));
  RETURN_IF_ERROR(Bind(HAL_VM_OP_UNMAP, address, size_bytes));
  mappings_.erase(mappings_.find(address), mappings_.lower_bound(address + size_bytes));
  return absl::OkStatus();
}

// The widest access that any device has.
absl::Status VirtualMemory::Protect(uint64_t address, Mapping& mapping) {
  CUmemAccess_flags widest = CU_MEM_ACCESS_FLAGS_PROT_NONE;
  for (const auto& [device, flags] : mapping.access) widest = std::max(widest, flags);
  // Nobody finds the mapping in a state between.
  mapping.allocation.reset();
  RETURN_IF_ERROR(Bind(HAL_VM_OP_PROTECT, address, mapping.size_bytes, HalAccess(widest)));
  if (widest != CU_MEM_ACCESS_FLAGS_PROT_NONE) {
    mapping.allocation =
        Allocation::OfMapping(mapping.memory->device().primary(), address, mapping.size_bytes, widest);
  }
  return absl::OkStatus();
}

absl::Status VirtualMemory::SetAccess(uint64_t address, uint64_t size_bytes,
                                      absl::Span<const CUmemAccessDesc> access) {
  for (const CUmemAccessDesc& each : access) {
    if (each.location.type != CU_MEM_LOCATION_TYPE_DEVICE) {
      return CudaError(CUDA_ERROR_NOT_SUPPORTED,
                       absl::StrCat("access is of devices (location type ", each.location.type, ")"));
    }
    RETURN_IF_ERROR(Process::Get().DeviceAt(each.location.id).status());
    if (each.flags != CU_MEM_ACCESS_FLAGS_PROT_NONE && HalAccess(each.flags) == 0) {
      return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no such access (", each.flags, ")"));
    }
  }
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(CheckMapped(address, size_bytes));
  for (auto it = mappings_.find(address); it != mappings_.end() && it->first < address + size_bytes; ++it) {
    for (const CUmemAccessDesc& each : access) it->second.access[each.location.id] = each.flags;
    RETURN_IF_ERROR(Protect(it->first, it->second));
  }
  return absl::OkStatus();
}

absl::StatusOr<CUmemAccess_flags> VirtualMemory::Access(uint64_t address, int device) const {
  const std::lock_guard lock(mutex_);
  const auto mapping = Find(address);
  if (mapping == mappings_.end()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("nothing is mapped at 0x", absl::Hex(address)));
  }
  const auto access = mapping->second.access.find(device);
  return access == mapping->second.access.end() ? CU_MEM_ACCESS_FLAGS_PROT_NONE : access->second;
}

Ref<PhysicalMemory> VirtualMemory::MemoryAt(uint64_t address) const {
  const std::lock_guard lock(mutex_);
  const auto mapping = Find(address);
  return mapping == mappings_.end() ? Ref<PhysicalMemory>() : mapping->second.memory;
}

}  // namespace tq::core
