// The C++ face of the runtime API: overloads that take typed pointers, kernels and symbols, over
// cuda_runtime_api.h. CUDA Runtime API, "C++ API Routines".
#ifndef TIANQIAO_CUDA_RUNTIME_H_
#define TIANQIAO_CUDA_RUNTIME_H_

#include "cuda_runtime_api.h"
#include "vector_functions.h"

#ifdef __cplusplus

#include <cstddef>
#include <type_traits>
#include <utility>

// Memory

template <typename T>
inline cudaError_t cudaMalloc(T** ptr, size_t bytes) {
  return cudaMalloc(reinterpret_cast<void**>(ptr), bytes);
}

template <typename T>
inline cudaError_t cudaMallocHost(T** ptr, size_t bytes, unsigned flags = cudaHostAllocDefault) {
  return cudaHostAlloc(reinterpret_cast<void**>(ptr), bytes, flags);
}

template <typename T>
inline cudaError_t cudaHostAlloc(T** ptr, size_t bytes, unsigned flags) {
  return cudaHostAlloc(reinterpret_cast<void**>(ptr), bytes, flags);
}

template <typename T>
inline cudaError_t cudaHostGetDevicePointer(T** device, void* host, unsigned flags) {
  return cudaHostGetDevicePointer(reinterpret_cast<void**>(device), host, flags);
}

template <typename T>
inline cudaError_t cudaMallocManaged(T** ptr, size_t bytes, unsigned flags = cudaMemAttachGlobal) {
  return cudaMallocManaged(reinterpret_cast<void**>(ptr), bytes, flags);
}

template <typename T>
inline cudaError_t cudaMallocPitch(T** ptr, size_t* pitch, size_t width_bytes, size_t height) {
  return cudaMallocPitch(reinterpret_cast<void**>(ptr), pitch, width_bytes, height);
}

template <typename T>
inline cudaError_t cudaMallocAsync(T** ptr, size_t bytes, cudaStream_t stream) {
  return cudaMallocAsync(reinterpret_cast<void**>(ptr), bytes, stream);
}

template <typename T>
inline cudaError_t cudaMallocFromPoolAsync(T** ptr, size_t bytes, cudaMemPool_t pool, cudaStream_t stream) {
  return cudaMallocFromPoolAsync(reinterpret_cast<void**>(ptr), bytes, pool, stream);
}

template <typename T>
inline cudaError_t cudaStreamAttachMemAsync(cudaStream_t stream, T* ptr, size_t bytes = 0,
                                            unsigned flags = cudaMemAttachSingle) {
  return cudaStreamAttachMemAsync(stream, static_cast<void*>(ptr), bytes, flags);
}

// Symbols: device variables, which the host program names by a shadow of their own.

template <typename T>
inline cudaError_t cudaMemcpyToSymbol(const T& symbol, const void* source, size_t bytes, size_t offset = 0,
                                      cudaMemcpyKind kind = cudaMemcpyHostToDevice) {
  return cudaMemcpyToSymbol(static_cast<const void*>(&symbol), source, bytes, offset, kind);
}

template <typename T>
inline cudaError_t cudaMemcpyToSymbolAsync(const T& symbol, const void* source, size_t bytes,
                                           size_t offset = 0, cudaMemcpyKind kind = cudaMemcpyHostToDevice,
                                           cudaStream_t stream = nullptr) {
  return cudaMemcpyToSymbolAsync(static_cast<const void*>(&symbol), source, bytes, offset, kind, stream);
}

template <typename T>
inline cudaError_t cudaMemcpyFromSymbol(void* target, const T& symbol, size_t bytes, size_t offset = 0,
                                        cudaMemcpyKind kind = cudaMemcpyDeviceToHost) {
  return cudaMemcpyFromSymbol(target, static_cast<const void*>(&symbol), bytes, offset, kind);
}

template <typename T>
inline cudaError_t cudaMemcpyFromSymbolAsync(void* target, const T& symbol, size_t bytes, size_t offset = 0,
                                             cudaMemcpyKind kind = cudaMemcpyDeviceToHost,
                                             cudaStream_t stream = nullptr) {
  return cudaMemcpyFromSymbolAsync(target, static_cast<const void*>(&symbol), bytes, offset, kind, stream);
}

template <typename T>
inline cudaError_t cudaGetSymbolAddress(void** ptr, const T& symbol) {
  return cudaGetSymbolAddress(ptr, static_cast<const void*>(&symbol));
}

template <typename T>
inline cudaError_t cudaGetSymbolSize(size_t* bytes, const T& symbol) {
  return cudaGetSymbolSize(bytes, static_cast<const void*>(&symbol));
}

// Kernels

template <typename T>
inline cudaError_t cudaLaunchKernel(T* kernel, dim3 grid, dim3 block, void** arguments,
                                    size_t shared_bytes = 0, cudaStream_t stream = nullptr) {
  return cudaLaunchKernel(reinterpret_cast<const void*>(kernel), grid, block, arguments, shared_bytes,
                          stream);
}

template <typename T>
inline cudaError_t cudaLaunchCooperativeKernel(T* kernel, dim3 grid, dim3 block, void** arguments,
                                               size_t shared_bytes = 0, cudaStream_t stream = nullptr) {
  return cudaLaunchCooperativeKernel(reinterpret_cast<const void*>(kernel), grid, block, arguments,
                                     shared_bytes, stream);
}

// Arguments convert to the kernel's parameter types first, as in a call.
template <typename... Parameters, typename... Arguments>
inline cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                                      Arguments&&... arguments) {
  return [&](Parameters... converted) {
    void* pointers[] = {&converted..., nullptr};
    return cudaLaunchKernelExC(config, reinterpret_cast<const void*>(kernel), pointers);
  }(std::forward<Arguments>(arguments)...);
}

template <typename T>
inline cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, T* kernel) {
  return cudaFuncGetAttributes(attributes, reinterpret_cast<const void*>(kernel));
}

template <typename T>
inline cudaError_t cudaFuncSetAttribute(T* kernel, cudaFuncAttribute attribute, int value) {
  return cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel), attribute, value);
}

template <typename T>
inline cudaError_t cudaFuncSetCacheConfig(T* kernel, cudaFuncCache config) {
  return cudaFuncSetCacheConfig(reinterpret_cast<const void*>(kernel), config);
}

template <typename T>
inline cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, T* kernel, int block_size,
                                                                 size_t shared_bytes) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, reinterpret_cast<const void*>(kernel),
                                                       block_size, shared_bytes);
}

template <typename T>
inline cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, T* kernel,
                                                                          int block_size, size_t shared_bytes,
                                                                          unsigned flags) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, reinterpret_cast<const void*>(kernel),
                                                                block_size, shared_bytes, flags);
}

// The block size, a multiple of a warp, with which most threads are resident; larger blocks win a tie.
template <typename SharedBytesOf, typename T>
inline cudaError_t cudaOccupancyMaxPotentialBlockSizeVariableSMemWithFlags(int* min_grid, int* block_size,
                                                                           T kernel,
                                                                           SharedBytesOf shared_bytes_of,
                                                                           int limit = 0,
                                                                           unsigned flags = 0) {
  int device, processors, threads_per_processor, warp;
  cudaFuncAttributes attributes;
  const auto address = reinterpret_cast<const void*>(kernel);
  if (min_grid == nullptr || block_size == nullptr) return cudaErrorInvalidValue;
  if (const cudaError_t error = cudaGetDevice(&device)) return error;
  if (const cudaError_t error = cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device)) {
    return error;
  }
  if (const cudaError_t error =
          cudaDeviceGetAttribute(&threads_per_processor, cudaDevAttrMaxThreadsPerMultiProcessor, device)) {
    return error;
  }
  if (const cudaError_t error = cudaDeviceGetAttribute(&warp, cudaDevAttrWarpSize, device)) return error;
  if (const cudaError_t error = cudaFuncGetAttributes(&attributes, address)) return error;
  int largest = attributes.maxThreadsPerBlock;
  if (limit > 0 && limit < largest) largest = limit;
  int best_threads = 0;
  for (int size = (largest + warp - 1) / warp * warp; size > 0; size -= warp) {
    const int threads = size < largest ? size : largest;
    int blocks;
    if (const cudaError_t error = cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
            &blocks, address, threads, shared_bytes_of(threads), flags)) {
      return error;
    }
    if (blocks * threads > best_threads) {
      best_threads = blocks * threads;
      *block_size = threads;
      *min_grid = blocks * processors;
    }
    if (best_threads == threads_per_processor) break;
  }
  return cudaSuccess;
}

template <typename SharedBytesOf, typename T>
inline cudaError_t cudaOccupancyMaxPotentialBlockSizeVariableSMem(int* min_grid, int* block_size, T kernel,
                                                                  SharedBytesOf shared_bytes_of,
                                                                  int limit = 0) {
  return cudaOccupancyMaxPotentialBlockSizeVariableSMemWithFlags(min_grid, block_size, kernel,
                                                                 shared_bytes_of, limit);
}

template <typename T>
inline cudaError_t cudaOccupancyMaxPotentialBlockSizeWithFlags(int* min_grid, int* block_size, T kernel,
                                                               size_t shared_bytes = 0, int limit = 0,
                                                               unsigned flags = 0) {
  return cudaOccupancyMaxPotentialBlockSizeVariableSMemWithFlags(
      min_grid, block_size, kernel, [shared_bytes](int) { return shared_bytes; }, limit, flags);
}

template <typename T>
inline cudaError_t cudaOccupancyMaxPotentialBlockSize(int* min_grid, int* block_size, T kernel,
                                                      size_t shared_bytes = 0, int limit = 0) {
  return cudaOccupancyMaxPotentialBlockSizeWithFlags(min_grid, block_size, kernel, shared_bytes, limit);
}

// Events and channels

inline cudaError_t cudaEventCreate(cudaEvent_t* event, unsigned flags) {
  return cudaEventCreateWithFlags(event, flags);
}

namespace tianqiao {

template <typename T>
struct Channels {
  static constexpr int kCount = 1;
  using Element = T;
};
#define TIANQIAO_CHANNELS(vector, count, element) \
  template <>                                     \
  struct Channels<vector> {                       \
    static constexpr int kCount = count;          \
    using Element = element;                      \
  }
#define TIANQIAO_CHANNELS_OF(type, element) \
  TIANQIAO_CHANNELS(type##1, 1, element);   \
  TIANQIAO_CHANNELS(type##2, 2, element);   \
  TIANQIAO_CHANNELS(type##4, 4, element)
TIANQIAO_CHANNELS_OF(char, signed char);
TIANQIAO_CHANNELS_OF(uchar, unsigned char);
TIANQIAO_CHANNELS_OF(short, short);
TIANQIAO_CHANNELS_OF(ushort, unsigned short);
TIANQIAO_CHANNELS_OF(int, int);
TIANQIAO_CHANNELS_OF(uint, unsigned);
TIANQIAO_CHANNELS_OF(float, float);
#undef TIANQIAO_CHANNELS_OF
#undef TIANQIAO_CHANNELS

}  // namespace tianqiao

template <typename T>
inline cudaChannelFormatDesc cudaCreateChannelDesc() {
  using Element = typename tianqiao::Channels<T>::Element;
  constexpr int kBits = static_cast<int>(sizeof(Element)) * 8;
  constexpr int kCount = tianqiao::Channels<T>::kCount;
  constexpr cudaChannelFormatKind kKind = std::is_floating_point<Element>::value ? cudaChannelFormatKindFloat
                                          : std::is_signed<Element>::value ? cudaChannelFormatKindSigned
                                                                           : cudaChannelFormatKindUnsigned;
  return cudaCreateChannelDesc(kBits, kCount > 1 ? kBits : 0, kCount > 2 ? kBits : 0, kCount > 3 ? kBits : 0,
                               kKind);
}

#endif  // __cplusplus

#endif  // TIANQIAO_CUDA_RUNTIME_H_
