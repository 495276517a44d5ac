#include "hal/tqgpu/memory.h"

#include <cstring>
#include <utility>

#include "hal/sized.h"

void hal_mem::NoteMapping(uint32_t vm) {
  const std::lock_guard lock(mappings->mutex);
  mappings->vms.insert(vm);
}

namespace tq::hal::tqgpu {
namespace {

constexpr uint64_t kDefaultAlignBytes = 512;

// Of the device's memory; what lies in the host's is not its to count.
int64_t CountedBytes(const hal_mem& mem) {
  return (mem.flags & HAL_MEM_HOST_RESIDENT) != 0 ? 0 : static_cast<int64_t>(mem.buffer->size_bytes());
}

}  // namespace

hal_status MemCreate(hal_device* device, const hal_mem_desc* desc, hal_mem** out) {
  Device& d = *device->device;
  d.ReleaseWhatIsIdle();
  const bool on_host = (desc->flags & HAL_MEM_HOST_RESIDENT) != 0;
  if (!on_host && !d.HasRoom(desc->size_bytes)) return HAL_OUT_OF_MEMORY;
  auto mem = std::make_unique<hal_mem>();
  mem->device = &d;
  mem->size_bytes = desc->size_bytes;
  // All of the device's memory can be seen through its BAR.
  mem->flags = desc->flags | HAL_MEM_HOST_VISIBLE | HAL_MEM_HOST_COHERENT;
  const uint64_t align = desc->align_bytes != 0 ? desc->align_bytes : kDefaultAlignBytes;
  const hal_status status =
      Buffer::Create(d.node(), desc->size_bytes, align,
                     on_host ? DRM_TQGPU_PLACE_SYSTEM : DRM_TQGPU_PLACE_VRAM, &mem->buffer);
  if (status != HAL_OK) return status;
  d.CountMemory(CountedBytes(*mem));
  *out = mem.release();
  return HAL_OK;
}

void MemDestroy(hal_mem* mem) {
  Device& device = *mem->device;
  device.CountMemory(-CountedBytes(*mem));
  device.ReleaseWhenIdle([&device, buffer = std::move(mem->buffer), mappings = std::move(mem->mappings)] {
    const std::lock_guard lock(mappings->mutex);
    for (const uint32_t vm : mappings->vms) {
      drm_tqgpu_bind_op op = {};
      op.op = DRM_TQGPU_BIND_UNMAP;
      op.va = buffer->va();
      op.size = buffer->size_bytes();
      device.node().Bind(vm, {&op, 1});  // the address space may be gone: then so is the mapping
    }
  });
  delete mem;
}

hal_status MemInfo(hal_mem* mem, hal_mem_info* info) {
  WriteSized(info, {.flags = mem->flags,
                    .size_bytes = mem->size_bytes,
                    .host_ptr = mem->buffer->as<void>(),
                    .va = mem->buffer->va()});
  return HAL_OK;
}

hal_status MemSync(hal_mem* mem, uint64_t offset_bytes, uint64_t size_bytes, uint32_t to_device) {
  return HAL_OK;
}

hal_status MemExport(hal_mem* mem, hal_handle_kind kind, hal_shared_handle* out) {
  if ((mem->flags & HAL_MEM_EXPORTABLE) == 0 || kind == HAL_HANDLE_SYNCOBJ) return HAL_UNSUPPORTED;
  hal_shared_handle value = {};
  value.kind = kind;
  value.size_bytes = mem->size_bytes;
  std::memcpy(value.uuid, mem->device->info().uuid, sizeof value.uuid);
  const hal_status status = FromErrno(mem->device->node().ExportBuffer(mem->buffer->handle(), &value.fd));
  if (status == HAL_OK) WriteSized(out, value);
  return status;
}

hal_status MemImport(hal_device* device, const hal_shared_handle* handle, hal_mem** out) {
  if (handle->kind == HAL_HANDLE_SYNCOBJ) return HAL_UNSUPPORTED;
  auto mem = std::make_unique<hal_mem>();
  mem->device = device->device.get();
  mem->size_bytes = handle->size_bytes;
  mem->flags = HAL_MEM_HOST_VISIBLE | HAL_MEM_HOST_COHERENT | HAL_MEM_EXPORTABLE;
  const hal_status status = Buffer::Import(mem->device->node(), handle->fd, handle->size_bytes, &mem->buffer);
  if (status != HAL_OK) return status;
  mem->device->CountMemory(CountedBytes(*mem));
  *out = mem.release();
  return HAL_OK;
}

}  // namespace tq::hal::tqgpu
