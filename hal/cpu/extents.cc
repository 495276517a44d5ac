#include "hal/cpu/extents.h"

namespace tq::hal::cpu {

void Extents::Insert(uint64_t begin, uint64_t size) {
  if (size == 0) return;
  by_address_.emplace(begin, size);
  by_size_.emplace(size, begin);
}

void Extents::Erase(std::map<uint64_t, uint64_t>::iterator it) {
  by_size_.erase({it->second, it->first});
  by_address_.erase(it);
}

bool Extents::Allocate(uint64_t size, uint64_t align, uint64_t* begin) {
  for (auto it = by_size_.lower_bound({size, 0}); it != by_size_.end(); ++it) {
    const auto [range_size, range_begin] = *it;
    const uint64_t aligned = (range_begin + align - 1) & ~(align - 1);
    if (aligned < range_begin || aligned - range_begin > range_size - size) continue;
    Erase(by_address_.find(range_begin));
    Insert(range_begin, aligned - range_begin);
    Insert(aligned + size, range_begin + range_size - (aligned + size));
    *begin = aligned;
    return true;
  }
  return false;
}

void Extents::Free(uint64_t begin, uint64_t size) {
  auto next = by_address_.upper_bound(begin);
  if (next != by_address_.begin()) {
    const auto previous = std::prev(next);
    if (previous->first + previous->second == begin) {
      begin = previous->first;
      size += previous->second;
      Erase(previous);
    }
  }
  if (next != by_address_.end() && begin + size == next->first) {
    size += next->second;
    Erase(next);
  }
  Insert(begin, size);
}

}  // namespace tq::hal::cpu
