// The C++ conveniences of the runtime API: typed pointers where the C function takes void**, kernels where it
// takes const void*, defaults for trailing arguments (CUDA Runtime API, "C++ API Routines").
#ifndef TIANQIAO_TYPED_API_H_
#define TIANQIAO_TYPED_API_H_

template <typename T>
inline cudaError_t cudaMalloc(T** pointer, size_t size_bytes) {
  return ::cudaMalloc(reinterpret_cast<void**>(pointer), size_bytes);
}
template <typename T>
inline cudaError_t cudaMallocHost(T** pointer, size_t size_bytes, unsigned flags = 0) {
  return ::cudaHostAlloc(reinterpret_cast<void**>(pointer), size_bytes, flags);
}
template <typename T>
inline cudaError_t cudaMallocManaged(T** pointer, size_t size_bytes, unsigned flags = cudaMemAttachGlobal) {
  return ::cudaMallocManaged(reinterpret_cast<void**>(pointer), size_bytes, flags);
}
template <typename T>
inline cudaError_t cudaMallocAsync(T** pointer, size_t size_bytes, cudaStream_t stream) {
  return ::cudaMallocAsync(reinterpret_cast<void**>(pointer), size_bytes, stream);
}
template <typename T>
inline cudaError_t cudaMemcpyToSymbol(const T& symbol, const void* source, size_t size_bytes,
                                      size_t offset_bytes = 0, cudaMemcpyKind kind = cudaMemcpyHostToDevice) {
  return ::cudaMemcpyToSymbol(static_cast<const void*>(&symbol), source, size_bytes, offset_bytes, kind);
}
template <typename T>
inline cudaError_t cudaMemcpyFromSymbol(void* destination, const T& symbol, size_t size_bytes,
                                        size_t offset_bytes = 0,
                                        cudaMemcpyKind kind = cudaMemcpyDeviceToHost) {
  return ::cudaMemcpyFromSymbol(destination, static_cast<const void*>(&symbol), size_bytes, offset_bytes,
                                kind);
}

#endif  // TIANQIAO_TYPED_API_H_
