// What the CUDA programs of bench/ share.
#pragma once

#include <cuda_runtime.h>

#include "bench/harness/measure.h"

namespace tq::bench {

inline void Check(cudaError_t error, const char* file, int line) {
  if (error == cudaSuccess) return;
  std::fprintf(stderr, "%s:%d: %s\n", file, line, cudaGetErrorString(error));
  std::exit(1);
}
#define CHECK(call) tq::bench::Check(call, __FILE__, __LINE__)

// The end of what was launched, and the error if it failed.
inline void Synchronize() {
  CHECK(cudaGetLastError());
  CHECK(cudaDeviceSynchronize());
}

// Device memory that holds a vector of the host.
template <class T>
class Buffer {
 public:
  explicit Buffer(size_t count) : size_bytes_(count * sizeof(T)) { CHECK(cudaMalloc(&data_, size_bytes_)); }
  explicit Buffer(const std::vector<T>& from) : Buffer(from.size()) {
    CHECK(cudaMemcpy(data_, from.data(), size_bytes_, cudaMemcpyHostToDevice));
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { cudaFree(data_); }

  void Fetch(std::vector<T>& to) const {
    CHECK(cudaMemcpy(to.data(), data_, size_bytes_, cudaMemcpyDeviceToHost));
  }
  void CopyFrom(const Buffer& from) {
    CHECK(cudaMemcpyAsync(data_, from.data_, size_bytes_, cudaMemcpyDeviceToDevice));
  }
  void Clear() { CHECK(cudaMemsetAsync(data_, 0, size_bytes_)); }

  operator T*() { return data_; }
  operator const T*() const { return data_; }

 private:
  T* data_ = nullptr;
  size_t size_bytes_;
};

}  // namespace tq::bench
