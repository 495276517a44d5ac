// Memory of the HAL: a buffer, and where it is mapped at its own address.
#pragma once

#include <memory>
#include <set>

#include "hal/tqgpu/buffer.h"
#include "hal/tqgpu/device.h"

struct hal_mem {
  void NoteMapping(uint32_t vm);

  tq::hal::tqgpu::Device* device = nullptr;
  std::shared_ptr<tq::hal::tqgpu::Buffer> buffer;
  uint64_t size_bytes = 0;
  uint32_t flags = 0;
  // Kernel ids of the address spaces that map it at its own address: it leaves them when it is destroyed.
  // Shared by the copies that waiting binds keep.
  struct Mappings {
    std::mutex mutex;
    std::set<uint32_t> vms;
  };
  std::shared_ptr<Mappings> mappings = std::make_shared<Mappings>();
};

namespace tq::hal::tqgpu {

hal_status MemCreate(hal_device* device, const hal_mem_desc* desc, hal_mem** out);
void MemDestroy(hal_mem* mem);
hal_status MemInfo(hal_mem* mem, hal_mem_info* info);
hal_status MemSync(hal_mem* mem, uint64_t offset_bytes, uint64_t size_bytes, uint32_t to_device);
hal_status MemExport(hal_mem* mem, hal_handle_kind kind, hal_shared_handle* out);
hal_status MemImport(hal_device* device, const hal_shared_handle* handle, hal_mem** out);

}  // namespace tq::hal::tqgpu
