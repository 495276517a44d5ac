// What the library programs share: buffers on the device, arrays of small integers, and the verdict on a
// case.
#pragma once

#include <cuda_runtime.h>

#include <cmath>
#include <complex>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace check {

// A host vector and its copy on the device; freed with it.
template <typename T>
class Buffer {
 public:
  explicit Buffer(size_t count) : host(count) { Allocate(); }
  explicit Buffer(std::vector<T> values) : host(std::move(values)) {
    Allocate();
    Upload();
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { cudaFree(device); }

  void Upload() { cudaMemcpy(device, host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice); }
  const std::vector<T>& Download() {
    cudaMemcpy(host.data(), device, host.size() * sizeof(T), cudaMemcpyDeviceToHost);
    return host;
  }

  std::vector<T> host;
  T* device = nullptr;

 private:
  void Allocate() {
    cudaMalloc(&device, host.empty() ? 1 : host.size() * sizeof(T));
    cudaMemset(device, 0xA5, host.size() * sizeof(T));  // what a library forgets to write is seen
  }
};

// The same numbers on every machine: values of an integer hash.
inline uint32_t Hash(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7FEB352Du;
  x ^= x >> 15;
  x *= 0x846CA68Bu;
  return x ^ (x >> 16);
}
// An integer of [-limit, limit]: products and sums of these are exact in every order.
inline int SmallInteger(uint32_t seed, uint32_t index, int limit) {
  return static_cast<int>(Hash(seed * 0x9E3779B9u + index) % (2 * limit + 1)) - limit;
}
inline double Uniform(uint32_t seed, uint32_t index) {
  return Hash(seed * 0x9E3779B9u + index) / 4294967296.0 - 0.5;
}

inline int failures = 0;

// One line for each case. A status that is not zero, an error above the bound or a NaN is a failure.
inline void Report(const std::string& name, int status, double error, double bound) {
  if (status == 0 && error <= bound) {
    std::printf("%s: right\n", name.c_str());
  } else {
    ++failures;
    std::printf("%s: WRONG, status %d, error %g, allowed %g, %s\n", name.c_str(), status, error, bound,
                cudaGetErrorName(cudaGetLastError()));
  }
  std::fflush(stdout);
}

// The largest difference between two arrays; NaN if either holds one.
template <typename T, typename U>
double WorstError(const std::vector<T>& actual, const std::vector<U>& expected) {
  if (actual.size() != expected.size()) return NAN;
  double worst = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    const double error = std::abs(static_cast<U>(actual[i]) - expected[i]);
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

inline int ExitCode() { return failures == 0 ? 0 : 1; }

}  // namespace check
