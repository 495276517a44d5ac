// Which release of CUDA a libcudart stands for: that of its soname. All releases share their code; what grew
// from one to the next, and how large the caller's structures are, is here.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace tq::cudart {

struct Release {
  int version;  // cudaRuntimeGetVersion, the newest of the soname
  // Structures of the public interface of which a caller has only the first bytes. Nothing behind them may be
  // read or written.
  size_t pointer_attributes_bytes;
  size_t function_attributes_bytes;
  size_t resource_bytes;
  size_t resource_view_bytes;
  size_t texture_bytes;
};

extern const Release kRelease;

template <typename T>
void WriteFirst(T* to, const T& from, size_t size_bytes) {
  std::memcpy(static_cast<void*>(to), &from, std::min(size_bytes, sizeof(T)));
}

// What the caller has not got is zero.
template <typename T>
T ReadFirst(const T* from, size_t size_bytes) {
  T to = {};
  std::memcpy(static_cast<void*>(&to), from, std::min(size_bytes, sizeof(T)));
  return to;
}

}  // namespace tq::cudart
