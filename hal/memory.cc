#include "hal/memory.h"

#include "absl/strings/str_cat.h"
#include "hal/error.h"

namespace tq::hal {

absl::StatusOr<Memory> Memory::Adopt(const hal_backend* backend, hal_mem* mem) {
  Memory memory;
  memory.handle_ = {backend, mem};
  memory.info_.size = sizeof memory.info_;
  const hal_status status = backend->mem_info(mem, &memory.info_);
  if (status != HAL_OK) return ToStatus(status, "mem_info");
  return memory;
}

absl::StatusOr<Memory> Memory::Create(const Device& device, uint64_t size_bytes, uint32_t flags,
                                      uint64_t align_bytes) {
  const hal_mem_desc desc = {
      .size = sizeof desc, .flags = flags, .size_bytes = size_bytes, .align_bytes = align_bytes};
  hal_mem* mem = nullptr;
  const hal_status status = device.backend()->mem_create(device.get(), &desc, &mem);
  if (status != HAL_OK) return ToStatus(status, absl::StrCat("mem_create of ", size_bytes, " bytes"));
  return Adopt(device.backend(), mem);
}

absl::StatusOr<Memory> Memory::Import(const Device& device, const hal_shared_handle& handle) {
  hal_mem* mem = nullptr;
  const hal_status status = device.backend()->mem_import(device.get(), &handle, &mem);
  if (status != HAL_OK) return ToStatus(status, "mem_import");
  return Adopt(device.backend(), mem);
}

absl::StatusOr<hal_shared_handle> Memory::Export(hal_handle_kind kind) const {
  hal_shared_handle handle = {.size = sizeof handle};
  const hal_status status = handle_.table().mem_export(get(), kind, &handle);
  if (status != HAL_OK) return ToStatus(status, "mem_export");
  return handle;
}

absl::Status Memory::Flush(uint64_t offset_bytes, uint64_t size_bytes) {
  return ToStatus(handle_.table().mem_sync(get(), offset_bytes, size_bytes, 1), "mem_sync");
}

absl::Status Memory::Invalidate(uint64_t offset_bytes, uint64_t size_bytes) {
  return ToStatus(handle_.table().mem_sync(get(), offset_bytes, size_bytes, 0), "mem_sync");
}

}  // namespace tq::hal
