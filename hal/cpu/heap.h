// What kernels allocate from (CUDA C++ Programming Guide, "Dynamic Global Memory Allocation"): a range of
// fixed size, first touched when it is used. Thread-safe; never touches memory that a kernel owns, so that a
// kernel that faults cannot leave the lock taken.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "hal/cpu/extents.h"

namespace tq::hal::cpu {

class Heap {
 public:
  explicit Heap(uint64_t size_bytes) : size_bytes_(size_bytes) {}
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  // False once something was allocated.
  bool Resize(uint64_t size_bytes);

  // 16-byte aligned; null when there is no room. Size 0 gives null.
  void* Allocate(uint64_t size_bytes);
  // Null and pointers that Allocate did not give are ignored.
  void Free(void* pointer);

 private:
  uint64_t size_bytes_;
  void* range_ = nullptr;
  std::mutex mutex_;
  std::unique_ptr<Extents> extents_;
  std::unordered_map<uint64_t, uint64_t> sizes_;
};

}  // namespace tq::hal::cpu
