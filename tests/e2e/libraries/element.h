// Elements of matrices whose type is a value: their size, and how they are written and read.
#pragma once

#include <library_types.h>

#include <cstddef>
#include <cstring>

namespace check {

inline size_t SizeOf(cudaDataType type) {
  switch (type) {
    case CUDA_R_8I:
    case CUDA_R_8F_E4M3:
    case CUDA_R_8F_E5M2:
      return 1;
    case CUDA_R_16F:
    case CUDA_R_16BF:
      return 2;
    case CUDA_R_64F:
    case CUDA_C_32F:
      return 8;
    case CUDA_C_64F:
      return 16;
    default:
      return 4;
  }
}

// `at` need not be aligned.
template <typename T>
void Store(char* at, T value) {
  std::memcpy(at, &value, sizeof(T));
}
template <typename T>
T Load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

}  // namespace check
