// Allocation and pointer queries (CUDA Runtime API, "Memory Management", "Unified Addressing").
#include "api/cudart_library.h"
#include "api/cudart_memory.h"
#include "runtime/cudart/entry.h"
#include "runtime/cudart/registry.h"
#include "runtime/cudart/release.h"

namespace tq::cudart::impl {

cudaError_t cudaMalloc(void** pointer, size_t size_bytes) {
  if (size_bytes == 0) {  // the driver rejects it, the runtime answers with a null pointer
    *pointer = nullptr;
    return cudaSuccess;
  }
  return ToRuntimeError(cuMemAlloc_v2(reinterpret_cast<CUdeviceptr*>(pointer), size_bytes));
}

// Of a null pointer too: cudaFree(0) is how programs ask whether all is well.
cudaError_t cudaFree(void* pointer) {
  return ToRuntimeError(cuMemFree_v2(reinterpret_cast<CUdeviceptr>(pointer)));
}

cudaError_t cudaMallocManaged(void** pointer, size_t size_bytes, unsigned int flags) {
  if (size_bytes == 0) {
    *pointer = nullptr;
    return cudaSuccess;
  }
  return ToRuntimeError(cuMemAllocManaged(reinterpret_cast<CUdeviceptr*>(pointer), size_bytes, flags));
}

cudaError_t cudaMallocPitch(void** pointer, size_t* pitch, size_t width, size_t height) {
  if (width == 0 || height == 0) {
    *pointer = nullptr;
    *pitch = 0;
    return cudaSuccess;
  }
  // 4 bytes: the smallest element that the driver takes; it only ever raises the pitch's alignment.
  return ToRuntimeError(cuMemAllocPitch_v2(reinterpret_cast<CUdeviceptr*>(pointer), pitch, width, height, 4));
}

cudaError_t cudaMalloc3D(cudaPitchedPtr* out, cudaExtent extent) {
  void* pointer = nullptr;
  size_t pitch = 0;
  const cudaError_t error =
      impl::cudaMallocPitch(&pointer, &pitch, extent.width, extent.height * extent.depth);
  if (error == cudaSuccess) *out = {pointer, pitch, extent.width, extent.height};
  return error;
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* out, const void* pointer) {
  unsigned int memory_type = 0;
  int device = 0;
  CUdeviceptr device_pointer = 0;
  void* host_pointer = nullptr;
  unsigned int is_managed = 0;
  CUpointer_attribute kinds[] = {CU_POINTER_ATTRIBUTE_MEMORY_TYPE, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL,
                                 CU_POINTER_ATTRIBUTE_DEVICE_POINTER, CU_POINTER_ATTRIBUTE_HOST_POINTER,
                                 CU_POINTER_ATTRIBUTE_IS_MANAGED};
  void* values[] = {&memory_type, &device, &device_pointer, &host_pointer, &is_managed};
  // Unlike its single-attribute sibling this succeeds for pointers it does not know, with zeros.
  TQ_CUDART_RETURN_IF_ERROR(cuPointerGetAttributes(5, kinds, values, reinterpret_cast<CUdeviceptr>(pointer)));
  cudaPointerAttributes attributes = {};
  if (memory_type == 0) {
    attributes.type = cudaMemoryTypeUnregistered;
    attributes.device = cudaInvalidDeviceId;
    attributes.hostPointer = const_cast<void*>(pointer);
  } else {
    attributes.type = is_managed != 0                     ? cudaMemoryTypeManaged
                      : memory_type == CU_MEMORYTYPE_HOST ? cudaMemoryTypeHost
                                                          : cudaMemoryTypeDevice;
    attributes.device = device;
    attributes.devicePointer = reinterpret_cast<void*>(device_pointer);
    attributes.hostPointer = attributes.type == cudaMemoryTypeDevice ? nullptr : host_pointer;
  }
  WriteFirst(out, attributes, kRelease.pointer_attributes_bytes);
  return cudaSuccess;
}

cudaError_t cudaGetSymbolAddress(void** pointer, const void* symbol) {
  size_t size_bytes = 0;
  return Registry::Get().FindVariable(symbol, reinterpret_cast<CUdeviceptr*>(pointer), &size_bytes);
}

cudaError_t cudaGetSymbolSize(size_t* size_bytes, const void* symbol) {
  CUdeviceptr pointer = 0;
  return Registry::Get().FindVariable(symbol, &pointer, size_bytes);
}

}  // namespace tq::cudart::impl
