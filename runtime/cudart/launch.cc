// <<< >>>, cudaLaunchKernel and what is asked about kernels (CUDA Runtime API, "Execution Control",
// "Occupancy").
#include "api/cudart_launch.h"
#include "api/cudart_registration.h"
#include "runtime/cudart/entry.h"
#include "runtime/cudart/registry.h"
#include "runtime/cudart/release.h"
#include "runtime/cudart/thread_state.h"

namespace tq::cudart::impl {
namespace {

// The driver takes a CUkernel wherever it takes a CUfunction.
CUfunction AsFunction(CUkernel kernel) { return reinterpret_cast<CUfunction>(kernel); }

// Kernels arrive as the address of their host stub, or as a cudaKernel_t that the program asked for before.
cudaError_t Find(const void* function, CUkernel* kernel) {
  const cudaError_t error = Registry::Get().FindKernel(function, kernel);
  if (error != cudaErrorInvalidDeviceFunction) return error;
  const auto handle = reinterpret_cast<CUkernel>(const_cast<void*>(function));
  const char* name;
  if (cuKernelGetName(&name, handle) != CUDA_SUCCESS) return error;
  *kernel = handle;
  return cudaSuccess;
}

cudaError_t Launch(CUkernel kernel, dim3 grid, dim3 block, void** args, size_t shared_bytes,
                   cudaStream_t stream) {
  return ToRuntimeError(cuLaunchKernel(AsFunction(kernel), grid.x, grid.y, grid.z, block.x, block.y, block.z,
                                       static_cast<unsigned int>(shared_bytes), stream, args, nullptr));
}

CUlaunchConfig ToDriver(const cudaLaunchConfig_t& config, cudaStream_t default_stream) {
  static_assert(sizeof(CUlaunchAttribute) == sizeof(cudaLaunchAttribute));
  CUlaunchConfig to = {};
  to.gridDimX = config.gridDim.x;
  to.gridDimY = config.gridDim.y;
  to.gridDimZ = config.gridDim.z;
  to.blockDimX = config.blockDim.x;
  to.blockDimY = config.blockDim.y;
  to.blockDimZ = config.blockDim.z;
  to.sharedMemBytes = static_cast<unsigned int>(config.dynamicSmemBytes);
  to.hStream = config.stream != nullptr ? config.stream : default_stream;
  // Both APIs number the attributes alike and lay their values out alike.
  to.attrs = reinterpret_cast<CUlaunchAttribute*>(config.attrs);
  to.numAttrs = config.numAttrs;
  return to;
}

#define TQ_FIND_KERNEL(kernel, function) \
  CUkernel kernel;                       \
  if (const cudaError_t error = Find(function, &kernel); error != cudaSuccess) return error

}  // namespace

unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared_bytes, struct CUstream_st* stream) {
  GetThreadState().calls.push_back({grid, block, shared_bytes, stream});
  return 0;
}

cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, size_t* shared_bytes, void* stream) {
  ThreadState& thread = GetThreadState();
  if (thread.calls.empty()) return cudaErrorMissingConfiguration;
  const CallConfiguration& call = thread.calls.back();
  *grid = call.grid;
  *block = call.block;
  *shared_bytes = call.shared_bytes;
  *static_cast<cudaStream_t*>(stream) = call.stream;
  thread.calls.pop_back();
  return cudaSuccess;
}

cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* function) {
  return Find(function, reinterpret_cast<CUkernel*>(kernel));
}

cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void** args, size_t shared_bytes,
                               cudaStream_t stream) {
  return Launch(reinterpret_cast<CUkernel>(kernel), grid, block, args, shared_bytes, stream);
}

cudaError_t cudaLaunchKernel(const void* function, dim3 grid, dim3 block, void** args, size_t shared_bytes,
                             cudaStream_t stream) {
  TQ_FIND_KERNEL(kernel, function);
  return Launch(kernel, grid, block, args, shared_bytes, stream);
}

cudaError_t cudaLaunchKernelExC(cudaStream_t default_stream, const cudaLaunchConfig_t* config,
                                const void* function, void** args) {
  TQ_FIND_KERNEL(kernel, function);
  const CUlaunchConfig driver_config = ToDriver(*config, default_stream);
  return ToRuntimeError(cuLaunchKernelEx(&driver_config, AsFunction(kernel), args, nullptr));
}

cudaError_t cudaLaunchCooperativeKernel(const void* function, dim3 grid, dim3 block, void** args,
                                        size_t shared_bytes, cudaStream_t stream) {
  TQ_FIND_KERNEL(kernel, function);
  return ToRuntimeError(cuLaunchCooperativeKernel(AsFunction(kernel), grid.x, grid.y, grid.z, block.x,
                                                  block.y, block.z, static_cast<unsigned int>(shared_bytes),
                                                  stream, args));
}

cudaError_t cudaGetKernel(cudaKernel_t* kernel, const void* function) {
  return Find(function, reinterpret_cast<CUkernel*>(kernel));
}

cudaError_t cudaGetFuncBySymbol(cudaFunction_t* out, const void* function) {
  TQ_FIND_KERNEL(kernel, function);
  return ToRuntimeError(cuKernelGetFunction(out, kernel));
}

cudaError_t cudaFuncGetName(const char** name, const void* function) {
  TQ_FIND_KERNEL(kernel, function);
  return ToRuntimeError(cuKernelGetName(name, kernel));
}

cudaError_t cudaFuncGetParamInfo(const void* function, size_t index, size_t* offset, size_t* size) {
  TQ_FIND_KERNEL(kernel, function);
  return ToRuntimeError(cuKernelGetParamInfo(kernel, index, offset, size));
}

cudaError_t cudaFuncSetCacheConfig(const void* function, cudaFuncCache config) {
  TQ_FIND_KERNEL(kernel, function);
  return ToRuntimeError(
      cuKernelSetCacheConfig(kernel, static_cast<CUfunc_cache>(config), GetThreadState().device));
}

cudaError_t cudaFuncSetSharedMemConfig(const void* function, cudaSharedMemConfig config) {
  TQ_FIND_KERNEL(kernel, function);
  return ToRuntimeError(cuFuncSetSharedMemConfig(AsFunction(kernel), static_cast<CUsharedconfig>(config)));
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* out, const void* function) {
  TQ_FIND_KERNEL(kernel, function);
  CUdevice device;
  TQ_CUDART_RETURN_IF_ERROR(cuCtxGetDevice(&device));
  cudaFuncAttributes found = {};
  cudaFuncAttributes* const attributes = &found;
  struct {
    CUfunction_attribute attribute;
    int* field;
  } const numbers[] = {
      {CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, &attributes->maxThreadsPerBlock},
      {CU_FUNC_ATTRIBUTE_NUM_REGS, &attributes->numRegs},
      {CU_FUNC_ATTRIBUTE_PTX_VERSION, &attributes->ptxVersion},
      {CU_FUNC_ATTRIBUTE_BINARY_VERSION, &attributes->binaryVersion},
      {CU_FUNC_ATTRIBUTE_CACHE_MODE_CA, &attributes->cacheModeCA},
      {CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, &attributes->maxDynamicSharedSizeBytes},
      {CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT, &attributes->preferredShmemCarveout},
      {CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET, &attributes->clusterDimMustBeSet},
      {CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH, &attributes->requiredClusterWidth},
      {CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT, &attributes->requiredClusterHeight},
      {CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH, &attributes->requiredClusterDepth},
      {CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE,
       &attributes->clusterSchedulingPolicyPreference},
      {CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED, &attributes->nonPortableClusterSizeAllowed},
  };
  for (const auto& [attribute, field] : numbers) {
    TQ_CUDART_RETURN_IF_ERROR(cuKernelGetAttribute(field, attribute, kernel, device));
  }
  struct {
    CUfunction_attribute attribute;
    size_t* field;
  } const sizes[] = {
      {CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, &attributes->sharedSizeBytes},
      {CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES, &attributes->constSizeBytes},
      {CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, &attributes->localSizeBytes},
  };
  for (const auto& [attribute, field] : sizes) {
    int value = 0;
    TQ_CUDART_RETURN_IF_ERROR(cuKernelGetAttribute(&value, attribute, kernel, device));
    *field = static_cast<size_t>(value);
  }
  WriteFirst(out, found, kRelease.function_attributes_bytes);
  return cudaSuccess;
}

cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
  TQ_FIND_KERNEL(kernel, function);
  CUdevice device;
  TQ_CUDART_RETURN_IF_ERROR(cuCtxGetDevice(&device));
  return ToRuntimeError(
      cuKernelSetAttribute(static_cast<CUfunction_attribute>(attribute), value, kernel, device));
}

cudaError_t cudaKernelSetAttributeForDevice(cudaKernel_t kernel, cudaFuncAttribute attribute, int value,
                                            int device) {
  return ToRuntimeError(cuKernelSetAttribute(static_cast<CUfunction_attribute>(attribute), value,
                                             reinterpret_cast<CUkernel>(kernel), device));
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* function, int block_size,
                                                          size_t dynamic_shared_bytes) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, function, block_size,
                                                                dynamic_shared_bytes, 0);
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void* function,
                                                                   int block_size,
                                                                   size_t dynamic_shared_bytes,
                                                                   unsigned int flags) {
  TQ_FIND_KERNEL(kernel, function);
  return ToRuntimeError(cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
      blocks, AsFunction(kernel), block_size, dynamic_shared_bytes, flags));
}

cudaError_t cudaOccupancyMaxPotentialClusterSize(int* size, const void* function,
                                                 const cudaLaunchConfig_t* config) {
  TQ_FIND_KERNEL(kernel, function);
  const CUlaunchConfig driver_config = ToDriver(*config, cudaStreamLegacy);
  return ToRuntimeError(cuOccupancyMaxPotentialClusterSize(size, AsFunction(kernel), &driver_config));
}

cudaError_t cudaOccupancyMaxActiveClusters(int* clusters, const void* function,
                                           const cudaLaunchConfig_t* config) {
  TQ_FIND_KERNEL(kernel, function);
  const CUlaunchConfig driver_config = ToDriver(*config, cudaStreamLegacy);
  return ToRuntimeError(cuOccupancyMaxActiveClusters(clusters, AsFunction(kernel), &driver_config));
}

cudaError_t cudaOccupancyAvailableDynamicSMemPerBlock(size_t* bytes, const void* function, int blocks,
                                                      int block_size) {
  TQ_FIND_KERNEL(kernel, function);
  return ToRuntimeError(
      cuOccupancyAvailableDynamicSMemPerBlock(bytes, AsFunction(kernel), blocks, block_size));
}

}  // namespace tq::cudart::impl
