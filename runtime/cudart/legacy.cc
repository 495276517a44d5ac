// What CUDA 11 and 12 had and 13 has dropped, or has with other parameters (Runtime API references of
// CUDA 11.8 and 12.9).
#include <cstdint>
#include <vector>

#include "api/cudart_device.h"
#include "api/cudart_graph.h"
#include "api/cudart_legacy.h"
#include "api/cudart_library.h"
#include "runtime/cudart/entry.h"
#include "runtime/cudart/registry.h"
#include "runtime/cudart/release.h"

namespace tq::cudart::impl {
namespace {

struct MovedProperty {
  CUdevice_attribute attribute;
  int DeviceProperties12::* field;
};

// What CUDA 13 asks cudaDeviceGetAttribute for, and no longer has in cudaDeviceProp.
constexpr MovedProperty kMovedProperties[] = {
    {CU_DEVICE_ATTRIBUTE_CLOCK_RATE, &DeviceProperties12::clockRate},
    {CU_DEVICE_ATTRIBUTE_GPU_OVERLAP, &DeviceProperties12::deviceOverlap},
    {CU_DEVICE_ATTRIBUTE_KERNEL_EXEC_TIMEOUT, &DeviceProperties12::kernelExecTimeoutEnabled},
    {CU_DEVICE_ATTRIBUTE_COMPUTE_MODE, &DeviceProperties12::computeMode},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LINEAR_WIDTH, &DeviceProperties12::maxTexture1DLinear},
    {CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, &DeviceProperties12::memoryClockRate},
    {CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO,
     &DeviceProperties12::singleToDoublePrecisionPerfRatio},
    {CU_DEVICE_ATTRIBUTE_COOPERATIVE_MULTI_DEVICE_LAUNCH, &DeviceProperties12::cooperativeMultiDeviceLaunch},
};

// The fields that both have, under one name and in one order.
template <typename To, typename From>
void CopyCommonProperties(To& to, const From& from) {
  const auto copy = [&](auto& target, const auto& source) {
    static_assert(sizeof target == sizeof source);
    std::memcpy(&target, &source, sizeof target);
  };
#define TQ_PROPERTY(field) copy(to.field, from.field);
#include "runtime/cudart/common_properties.inc"
#undef TQ_PROPERTY
}

cudaError_t Properties12(DeviceProperties12& prop, int device) {
  cudaDeviceProp current;
  if (const cudaError_t error = impl::cudaGetDeviceProperties(&current, device); error != cudaSuccess)
    return error;
  prop = {};
  CopyCommonProperties(prop, current);
  for (const MovedProperty& property : kMovedProperties) {
    TQ_CUDART_RETURN_IF_ERROR(cuDeviceGetAttribute(&(prop.*property.field), property.attribute, device));
  }
  return cudaSuccess;
}

}  // namespace

// ---- devices and contexts

cudaError_t cudaThreadExit() { return impl::cudaDeviceReset(); }

cudaError_t cudaGetDeviceProperties_v1(void* out, int device) {
  DeviceProperties12 prop;
  if (const cudaError_t error = Properties12(prop, device); error != cudaSuccess) return error;
  std::memcpy(out, &prop, kDeviceProperties11Bytes);
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties_v2(DeviceProperties12* prop, int device) {
  return Properties12(*prop, device);
}

cudaError_t cudaChooseDevice_v2(int* device, const void* wanted) {
  DeviceProperties12 prop = {};
  std::memcpy(&prop, wanted, kDeviceProperties11Bytes);
  cudaDeviceProp current = {};
  CopyCommonProperties(current, prop);
  return impl::cudaChooseDevice(device, &current);
}

// Of devices without doubles, of which there are none.
cudaError_t cudaSetDoubleForDevice(double*) { return cudaSuccess; }
cudaError_t cudaSetDoubleForHost(double*) { return cudaSuccess; }

cudaError_t cudaGetDriverEntryPoint_v1(cudaStream_t default_stream, const char* symbol, void** function,
                                       unsigned long long flags) {
  return impl::cudaGetDriverEntryPoint(default_stream, symbol, function, flags, nullptr);
}

// ---- launches

cudaError_t cudaLaunchCooperativeKernelMultiDevice(const LaunchParams* list, unsigned int count,
                                                   unsigned int flags) {
  std::vector<CUDA_LAUNCH_PARAMS> launches(count);
  for (unsigned i = 0; i < count; ++i) {
    const LaunchParams& launch = list[i];
    CUkernel kernel;
    if (const cudaError_t error = Registry::Get().FindKernel(launch.func, &kernel); error != cudaSuccess)
      return error;
    launches[i] = {reinterpret_cast<CUfunction>(kernel),
                   launch.gridDim.x,
                   launch.gridDim.y,
                   launch.gridDim.z,
                   launch.blockDim.x,
                   launch.blockDim.y,
                   launch.blockDim.z,
                   static_cast<unsigned int>(launch.sharedMem),
                   launch.stream,
                   launch.args};
  }
  return ToRuntimeError(cuLaunchCooperativeKernelMultiDevice(launches.data(), count, flags));
}

// ---- external semaphores

cudaError_t cudaSignalExternalSemaphoresAsync_v1(const cudaExternalSemaphore_t* semaphores,
                                                 const SemaphoreSignalParams11* params, unsigned int count,
                                                 cudaStream_t stream) {
  std::vector<CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS> wide(count);
  for (unsigned i = 0; i < count; ++i) {
    wide[i].params.fence.value = params[i].fence;
    wide[i].params.nvSciSync.reserved = params[i].nv_sci_sync;
    wide[i].params.keyedMutex.key = params[i].key;
    wide[i].flags = params[i].flags;
  }
  return Forward(&::cuSignalExternalSemaphoresAsync, semaphores, wide.data(), count, stream);
}

cudaError_t cudaWaitExternalSemaphoresAsync_v1(const cudaExternalSemaphore_t* semaphores,
                                               const SemaphoreWaitParams11* params, unsigned int count,
                                               cudaStream_t stream) {
  std::vector<CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS> wide(count);
  for (unsigned i = 0; i < count; ++i) {
    wide[i].params.fence.value = params[i].fence;
    wide[i].params.nvSciSync.reserved = params[i].nv_sci_sync;
    wide[i].params.keyedMutex.key = params[i].key;
    wide[i].params.keyedMutex.timeoutMs = params[i].timeout_ms;
    wide[i].flags = params[i].flags;
  }
  return Forward(&::cuWaitExternalSemaphoresAsync, semaphores, wide.data(), count, stream);
}

// ---- graphs

cudaError_t cudaGraphAddNode_v1(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* dependencies,
                                size_t count, cudaGraphNodeParams* params) {
  return impl::cudaGraphAddNode(node, graph, dependencies, nullptr, count, params);
}

}  // namespace tq::cudart::impl
