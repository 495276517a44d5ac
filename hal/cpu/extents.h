// Hands out ranges of a number line: addresses of an arena, offsets of a file. Best fit, coalescing. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace tq::hal::cpu {

class Extents {
 public:
  Extents(uint64_t begin, uint64_t size) { Insert(begin, size); }

  // `align` is a power of two. False when nothing fits.
  bool Allocate(uint64_t size, uint64_t align, uint64_t* begin);
  void Free(uint64_t begin, uint64_t size);

  // Calls visit(begin, size) for every free range below `limit`.
  template <typename Visit>
  void ForEachFree(uint64_t limit, Visit visit) const {
    for (const auto& [begin, size] : by_address_) {
      if (begin >= limit) break;
      visit(begin, begin + size > limit ? limit - begin : size);
    }
  }

 private:
  void Insert(uint64_t begin, uint64_t size);
  void Erase(std::map<uint64_t, uint64_t>::iterator it);

  std::map<uint64_t, uint64_t> by_address_;
  std::set<std::pair<uint64_t, uint64_t>> by_size_;  // size, begin
};

}  // namespace tq::hal::cpu
