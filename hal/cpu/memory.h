// Physical memory. Four kinds:
//   arena     a piece of the device's arena; host pointer and device address are its place there
//   shared    a piece of the device's memory file: what an arena piece becomes when it is mapped at another
//             address
//   exported  a memory file of its own, in its old place: what an arena piece becomes when it is exported
//   file      a memory file of its own that was one from the start, or is imported
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "hal/cpu/extents.h"
#include "hal/include/tianqiao/hal.h"

struct hal_mem {
  enum class Kind { kArena, kShared, kExported, kFile };

  // Mappings at other addresses keep it.
  void Ref() { refs.fetch_add(1, std::memory_order_relaxed); }
  void Unref();

  // Maps [offset, offset + size) at `address`, replacing what was there. Turns an arena piece into a shared
  // one first.
  hal_status MapAt(uint64_t address, uint64_t offset_bytes, uint64_t size_bytes, int protection);
  // A descriptor of the memory's own file, which an arena piece gets now.
  hal_status Export(int* fd);

  hal_device* device = nullptr;
  Kind kind = Kind::kArena;
  uint32_t flags = 0;
  uint64_t size_bytes = 0;
  uint64_t charged_bytes = 0;  // what it counts against the device
  uint64_t address = 0;
  int fd = -1;               // kExported, kFile
  uint64_t file_offset = 0;  // kShared
  std::mutex mutex;          // of the change of kind
  std::atomic<uint32_t> refs{1};

 private:
  // Whether the piece has its pages to itself.
  bool CanMove() const;
  hal_status Share();
};

namespace tq::hal::cpu {

// The file that arena pieces move into. Thread-safe.
class SharedFile {
 public:
  explicit SharedFile(uint64_t size_bytes) : extents_(0, size_bytes), size_bytes_(size_bytes) {}

  hal_status Allocate(uint64_t size_bytes, uint64_t* offset);
  void Free(uint64_t offset, uint64_t size_bytes);
  int fd() const { return fd_; }

 private:
  std::mutex mutex_;
  Extents extents_;
  const uint64_t size_bytes_;
  int fd_ = -1;
};

hal_status MemCreate(hal_device* device, const hal_mem_desc* desc, hal_mem** out);
void MemDestroy(hal_mem* mem);
hal_status MemInfo(hal_mem* mem, hal_mem_info* info);
hal_status MemSync(hal_mem* mem, uint64_t offset_bytes, uint64_t size_bytes, uint32_t to_device);
hal_status MemExport(hal_mem* mem, hal_handle_kind kind, hal_shared_handle* out);
hal_status MemImport(hal_device* device, const hal_shared_handle* handle, hal_mem** out);

}  // namespace tq::hal::cpu
