#include "hal/cpu/heap.h"

#include <sys/mman.h>

namespace tq::hal::cpu {

Heap::~Heap() {
  if (range_ != nullptr) munmap(range_, size_bytes_);
}

bool Heap::Resize(uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  if (extents_ != nullptr) return size_bytes == size_bytes_;
  size_bytes_ = size_bytes;
  return true;
}

void* Heap::Allocate(uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  if (size_bytes == 0 || size_bytes > size_bytes_) return nullptr;
  if (extents_ == nullptr) {
    void* range = mmap(nullptr, size_bytes_, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED) return nullptr;
    range_ = range;
    extents_ = std::make_unique<Extents>(reinterpret_cast<uint64_t>(range), size_bytes_);
  }
  const uint64_t rounded = (size_bytes + 15) & ~uint64_t{15};
  uint64_t address = 0;
  if (!extents_->Allocate(rounded, 16, &address)) return nullptr;
  sizes_.emplace(address, rounded);
  return reinterpret_cast<void*>(address);
}

void Heap::Free(void* pointer) {
  const std::lock_guard lock(mutex_);
  const auto it = sizes_.find(reinterpret_cast<uint64_t>(pointer));
  if (it == sizes_.end()) return;
  extents_->Free(it->first, it->second);
  sizes_.erase(it);
}

}  // namespace tq::hal::cpu
