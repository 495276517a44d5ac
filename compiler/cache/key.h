// What a compiled kernel depends on, as the name of a cache entry.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "compiler/api/compiler.h"

namespace tq {

struct CacheKey {
  std::array<uint8_t, 32> bytes;
  bool operator==(const CacheKey&) const = default;

  std::string Hex() const;
  template <typename H>
  friend H AbslHashValue(H state, const CacheKey& key) {
    return H::combine(std::move(state), key.bytes);
  }
};

// Over everything that the compiler sees, line numbers included (they are in the code object), and over the
// compiler itself: TQ_COMPILER_VERSION stands for its source, its LLVM and its ABIs.
CacheKey KeyOf(const tq_compile_request& request, std::string_view compiler_version);

}  // namespace tq
