#include "hal/tqgpu/placed_memory.h"

#include <utility>

#include "hal/tqgpu/address_space.h"
#include "hal/tqgpu/device.h"

namespace tq::hal::tqgpu {
namespace {

hal_status Bind(AddressSpace& space, uint64_t va, uint64_t size_bytes, const Buffer& buffer,
                uint64_t offset_bytes, uint32_t access) {
  return space.KernelBind(DRM_TQGPU_BIND_MAP, access, va, size_bytes, buffer.handle(), offset_bytes);
}

}  // namespace

hal_status PlacedMemory::Reserve(hal_vm_op& op) {
  HostRange range(RoundUp(op.size_bytes, kPageBytes), op.align_bytes, op.va);
  if (!range) return op.va != 0 ? HAL_BUSY : HAL_OUT_OF_HOST_MEMORY;
  op.va = range.address();
  const std::lock_guard lock(mutex_);
  reservations_.emplace(op.va, std::move(range));
  return HAL_OK;
}

hal_status PlacedMemory::Release(uint64_t va, uint64_t size_bytes) {
  Unmap(va, size_bytes);
  const std::lock_guard lock(mutex_);
  return reservations_.erase(va) != 0 ? HAL_OK : HAL_INVALID;
}

bool PlacedMemory::Contains(uint64_t va) const {
  const std::lock_guard lock(mutex_);
  const auto after = reservations_.upper_bound(va);
  return after != reservations_.begin() &&
         va - std::prev(after)->first < std::prev(after)->second.size_bytes();
}

void PlacedMemory::Cut(uint64_t va) {
  const auto after = mappings_.upper_bound(va);
  if (after == mappings_.begin()) return;
  auto& [begin, mapping] = *std::prev(after);
  const uint64_t before = va - begin;
  if (before == 0 || before >= mapping.size_bytes) return;
  Mapping rest = mapping;
  rest.size_bytes -= before;
  rest.offset_bytes += before;
  mapping.size_bytes = before;
  mappings_.emplace(va, std::move(rest));
}

// An address space that has faulted takes no more mappings, and needs none: the others' answers count.
hal_status PlacedMemory::BindEverywhere(uint64_t va, const Mapping& mapping) {
  hal_status result = HAL_OK;
  for (const std::shared_ptr<AddressSpace>& space : device_.Spaces()) {
    const hal_status status =
        Bind(*space, va, mapping.size_bytes, *mapping.buffer, mapping.offset_bytes, mapping.access);
    if (status != HAL_OK && space->status() == HAL_OK) result = status;
  }
  return result;
}

void PlacedMemory::UnmapEverywhere(uint64_t va, uint64_t size_bytes) {
  for (const std::shared_ptr<AddressSpace>& space : device_.Spaces()) space->Unmap(va, size_bytes);
}

hal_status PlacedMemory::Map(uint64_t va, uint64_t size_bytes, std::shared_ptr<Buffer> buffer,
                             uint64_t offset_bytes, uint32_t access) {
  const std::lock_guard lock(mutex_);
  const RenderNode& node = device_.node();
  if (const int error =
          node.MapBuffer(buffer->handle(), offset_bytes, size_bytes, reinterpret_cast<void*>(va));
      error != 0) {
    return FromErrno(error);
  }
  Cut(va);
  Cut(va + size_bytes);
  mappings_.erase(mappings_.lower_bound(va), mappings_.lower_bound(va + size_bytes));
  const auto it = mappings_.emplace(va, Mapping{size_bytes, std::move(buffer), offset_bytes, access}).first;
  return access == 0 ? HAL_OK : BindEverywhere(va, it->second);
}

hal_status PlacedMemory::Unmap(uint64_t va, uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  Cut(va);
  Cut(va + size_bytes);
  UnmapEverywhere(va, size_bytes);
  mappings_.erase(mappings_.lower_bound(va), mappings_.lower_bound(va + size_bytes));
  HostRange::Clear(va, size_bytes);
  return HAL_OK;
}

hal_status PlacedMemory::Protect(uint64_t va, uint64_t size_bytes, uint32_t access) {
  const std::lock_guard lock(mutex_);
  Cut(va);
  Cut(va + size_bytes);
  const auto end = mappings_.lower_bound(va + size_bytes);
  for (auto it = mappings_.lower_bound(va); it != end; ++it) {
    it->second.access = access;
    if (access == 0) {
      UnmapEverywhere(it->first, it->second.size_bytes);
    } else if (const hal_status status = BindEverywhere(it->first, it->second); status != HAL_OK) {
      return status;
    }
  }
  return HAL_OK;
}

void PlacedMemory::Join(AddressSpace& space) {
  const std::lock_guard lock(mutex_);
  for (const auto& [va, mapping] : mappings_) {
    if (mapping.access != 0)
      Bind(space, va, mapping.size_bytes, *mapping.buffer, mapping.offset_bytes, mapping.access);
  }
}

}  // namespace tq::hal::tqgpu
