// Devices (CUDA Runtime API, "Device Management", "Peer Device Memory Access").
#include <cstddef>
#include <cstring>
#include <iterator>

#include "api/cudart_device.h"
#include "runtime/cudart/channel_format.h"
#include "runtime/cudart/entry.h"
#include "runtime/cudart/thread_state.h"

namespace tq::cudart::impl {
namespace {

struct IntProperty {
  CUdevice_attribute attribute;
  int cudaDeviceProp::* field;
};

constexpr IntProperty kIntProperties[] = {
    {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK, &cudaDeviceProp::regsPerBlock},
    {CU_DEVICE_ATTRIBUTE_WARP_SIZE, &cudaDeviceProp::warpSize},
    {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, &cudaDeviceProp::maxThreadsPerBlock},
    {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, &cudaDeviceProp::major},
    {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, &cudaDeviceProp::minor},
    {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, &cudaDeviceProp::multiProcessorCount},
    {CU_DEVICE_ATTRIBUTE_INTEGRATED, &cudaDeviceProp::integrated},
    {CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY, &cudaDeviceProp::canMapHostMemory},
    {CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS, &cudaDeviceProp::concurrentKernels},
    {CU_DEVICE_ATTRIBUTE_ECC_ENABLED, &cudaDeviceProp::ECCEnabled},
    {CU_DEVICE_ATTRIBUTE_PCI_BUS_ID, &cudaDeviceProp::pciBusID},
    {CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID, &cudaDeviceProp::pciDeviceID},
    {CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID, &cudaDeviceProp::pciDomainID},
    {CU_DEVICE_ATTRIBUTE_TCC_DRIVER, &cudaDeviceProp::tccDriver},
    {CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT, &cudaDeviceProp::asyncEngineCount},
    {CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING, &cudaDeviceProp::unifiedAddressing},
    {CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, &cudaDeviceProp::memoryBusWidth},
    {CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, &cudaDeviceProp::l2CacheSize},
    {CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE, &cudaDeviceProp::persistingL2CacheMaxSize},
    {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, &cudaDeviceProp::maxThreadsPerMultiProcessor},
    {CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED, &cudaDeviceProp::streamPrioritiesSupported},
    {CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED, &cudaDeviceProp::globalL1CacheSupported},
    {CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED, &cudaDeviceProp::localL1CacheSupported},
    {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR, &cudaDeviceProp::regsPerMultiprocessor},
    {CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY, &cudaDeviceProp::managedMemory},
    {CU_DEVICE_ATTRIBUTE_MULTI_GPU_BOARD, &cudaDeviceProp::isMultiGpuBoard},
    {CU_DEVICE_ATTRIBUTE_MULTI_GPU_BOARD_GROUP_ID, &cudaDeviceProp::multiGpuBoardGroupID},
    {CU_DEVICE_ATTRIBUTE_HOST_NATIVE_ATOMIC_SUPPORTED, &cudaDeviceProp::hostNativeAtomicSupported},
    {CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS, &cudaDeviceProp::pageableMemoryAccess},
    {CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS, &cudaDeviceProp::concurrentManagedAccess},
    {CU_DEVICE_ATTRIBUTE_COMPUTE_PREEMPTION_SUPPORTED, &cudaDeviceProp::computePreemptionSupported},
    {CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM,
     &cudaDeviceProp::canUseHostPointerForRegisteredMem},
    {CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH, &cudaDeviceProp::cooperativeLaunch},
    {CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS_USES_HOST_PAGE_TABLES,
     &cudaDeviceProp::pageableMemoryAccessUsesHostPageTables},
    {CU_DEVICE_ATTRIBUTE_DIRECT_MANAGED_MEM_ACCESS_FROM_HOST,
     &cudaDeviceProp::directManagedMemAccessFromHost},
    {CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR, &cudaDeviceProp::maxBlocksPerMultiProcessor},
    {CU_DEVICE_ATTRIBUTE_MAX_ACCESS_POLICY_WINDOW_SIZE, &cudaDeviceProp::accessPolicyMaxWindowSize},
    {CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED, &cudaDeviceProp::hostRegisterSupported},
    {CU_DEVICE_ATTRIBUTE_SPARSE_CUDA_ARRAY_SUPPORTED, &cudaDeviceProp::sparseCudaArraySupported},
    {CU_DEVICE_ATTRIBUTE_READ_ONLY_HOST_REGISTER_SUPPORTED, &cudaDeviceProp::hostRegisterReadOnlySupported},
    {CU_DEVICE_ATTRIBUTE_TIMELINE_SEMAPHORE_INTEROP_SUPPORTED,
     &cudaDeviceProp::timelineSemaphoreInteropSupported},
    {CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED, &cudaDeviceProp::memoryPoolsSupported},
    {CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_SUPPORTED, &cudaDeviceProp::gpuDirectRDMASupported},
    {CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_WRITES_ORDERING, &cudaDeviceProp::gpuDirectRDMAWritesOrdering},
    {CU_DEVICE_ATTRIBUTE_DEFERRED_MAPPING_CUDA_ARRAY_SUPPORTED,
     &cudaDeviceProp::deferredMappingCudaArraySupported},
    {CU_DEVICE_ATTRIBUTE_IPC_EVENT_SUPPORTED, &cudaDeviceProp::ipcEventSupported},
    {CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH, &cudaDeviceProp::clusterLaunch},
    {CU_DEVICE_ATTRIBUTE_UNIFIED_FUNCTION_POINTERS, &cudaDeviceProp::unifiedFunctionPointers},
    {CU_DEVICE_ATTRIBUTE_NUMA_CONFIG, &cudaDeviceProp::deviceNumaConfig},
    {CU_DEVICE_ATTRIBUTE_NUMA_ID, &cudaDeviceProp::deviceNumaId},
    {CU_DEVICE_ATTRIBUTE_MPS_ENABLED, &cudaDeviceProp::mpsEnabled},
    {CU_DEVICE_ATTRIBUTE_HOST_NUMA_ID, &cudaDeviceProp::hostNumaId},
    {CU_DEVICE_ATTRIBUTE_HOST_NUMA_MULTINODE_IPC_SUPPORTED, &cudaDeviceProp::hostNumaMultinodeIpcSupported},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_WIDTH, &cudaDeviceProp::maxTexture1D},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_MIPMAPPED_WIDTH, &cudaDeviceProp::maxTexture1DMipmap},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_WIDTH, &cudaDeviceProp::maxTextureCubemap},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_WIDTH, &cudaDeviceProp::maxSurface1D},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_WIDTH, &cudaDeviceProp::maxSurfaceCubemap},
};

struct SizeProperty {
  CUdevice_attribute attribute;
  size_t cudaDeviceProp::* field;
};

constexpr SizeProperty kSizeProperties[] = {
    {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, &cudaDeviceProp::sharedMemPerBlock},
    {CU_DEVICE_ATTRIBUTE_MAX_PITCH, &cudaDeviceProp::memPitch},
    {CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY, &cudaDeviceProp::totalConstMem},
    {CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT, &cudaDeviceProp::textureAlignment},
    {CU_DEVICE_ATTRIBUTE_TEXTURE_PITCH_ALIGNMENT, &cudaDeviceProp::texturePitchAlignment},
    {CU_DEVICE_ATTRIBUTE_SURFACE_ALIGNMENT, &cudaDeviceProp::surfaceAlignment},
    {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, &cudaDeviceProp::sharedMemPerMultiprocessor},
    {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, &cudaDeviceProp::sharedMemPerBlockOptin},
    {CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK, &cudaDeviceProp::reservedSharedMemPerBlock},
};

// Extents of more than one dimension: consecutive elements of an array, from `offset` on.
struct ArrayProperty {
  size_t offset;
  CUdevice_attribute attributes[3];
  size_t count;
};

constexpr ArrayProperty kArrayProperties[] = {
    {offsetof(cudaDeviceProp, maxThreadsDim),
     {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X, CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y,
      CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z},
     3},
    {offsetof(cudaDeviceProp, maxGridSize),
     {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X, CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y,
      CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z},
     3},
    {offsetof(cudaDeviceProp, maxTexture2D),
     {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_WIDTH, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_HEIGHT},
     2},
    {offsetof(cudaDeviceProp, maxTexture2DMipmap),
     {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_WIDTH,
      CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_HEIGHT},
     2},
    {offsetof(cudaDeviceProp, maxTexture2DLinear),
     {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_WIDTH, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_HEIGHT,
      CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_PITCH},
     3},
    {offsetof(cudaDeviceProp, maxTexture2DGather),
     {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_WIDTH,
      CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_HEIGHT},
     2},
    {offsetof(cudaDeviceProp, maxTexture3D),
     {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT,
      CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH},
     3},
    {offsetof(cudaDeviceProp, maxTexture3DAlt),
     {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH_ALTERNATE,
      CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT_ALTERNATE,
      CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH_ALTERNATE},
     3},
    {offsetof(cudaDeviceProp, maxTexture1DLayered),
     {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_WIDTH,
      CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_LAYERS},
     2},
    {offsetof(cudaDeviceProp, maxTexture2DLayered),
     {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_WIDTH,
      CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_HEIGHT,
      CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_LAYERS},
     3},
    {offsetof(cudaDeviceProp, maxTextureCubemapLayered),
     {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_WIDTH,
      CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_LAYERS},
     2},
    {offsetof(cudaDeviceProp, maxSurface2D),
     {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_WIDTH, CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_HEIGHT},
     2},
    {offsetof(cudaDeviceProp, maxSurface3D),
     {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_WIDTH, CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_HEIGHT,
      CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_DEPTH},
     3},
    {offsetof(cudaDeviceProp, maxSurface1DLayered),
     {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_WIDTH,
      CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_LAYERS},
     2},
    {offsetof(cudaDeviceProp, maxSurface2DLayered),
     {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_WIDTH,
      CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_HEIGHT,
      CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_LAYERS},
     3},
    {offsetof(cudaDeviceProp, maxSurfaceCubemapLayered),
     {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_WIDTH,
      CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_LAYERS},
     2},
};

}  // namespace

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 0;
  return ToRuntimeError(cuDeviceGetCount(count));
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* prop, int ordinal) {
  CUdevice device;
  TQ_CUDART_RETURN_IF_ERROR(cuDeviceGet(&device, ordinal));
  *prop = {};
  TQ_CUDART_RETURN_IF_ERROR(cuDeviceGetName(prop->name, sizeof(prop->name), device));
  TQ_CUDART_RETURN_IF_ERROR(cuDeviceGetUuid_v2(&prop->uuid, device));
  TQ_CUDART_RETURN_IF_ERROR(cuDeviceTotalMem_v2(&prop->totalGlobalMem, device));
  int value = 0;
  for (const IntProperty& property : kIntProperties) {
    TQ_CUDART_RETURN_IF_ERROR(cuDeviceGetAttribute(&(prop->*property.field), property.attribute, device));
  }
  for (const SizeProperty& property : kSizeProperties) {
    TQ_CUDART_RETURN_IF_ERROR(cuDeviceGetAttribute(&value, property.attribute, device));
    prop->*property.field = static_cast<size_t>(value);
  }
  for (const ArrayProperty& property : kArrayProperties) {
    int elements[3];
    for (size_t i = 0; i < property.count; ++i) {
      TQ_CUDART_RETURN_IF_ERROR(cuDeviceGetAttribute(&elements[i], property.attributes[i], device));
    }
    std::memcpy(reinterpret_cast<char*>(prop) + property.offset, elements, property.count * sizeof(int));
  }
  struct {
    CUdevice_attribute attribute;
    unsigned int* field;
  } const unsigned_properties[] = {
      {CU_DEVICE_ATTRIBUTE_MEMPOOL_SUPPORTED_HANDLE_TYPES, &prop->memoryPoolSupportedHandleTypes},
      {CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_FLUSH_WRITES_OPTIONS, &prop->gpuDirectRDMAFlushWritesOptions},
      {CU_DEVICE_ATTRIBUTE_GPU_PCI_DEVICE_ID, &prop->gpuPciDeviceID},
      {CU_DEVICE_ATTRIBUTE_GPU_PCI_SUBSYSTEM_ID, &prop->gpuPciSubsystemID},
  };
  for (const auto& [attribute, field] : unsigned_properties) {
    TQ_CUDART_RETURN_IF_ERROR(cuDeviceGetAttribute(&value, attribute, device));
    *field = static_cast<unsigned int>(value);
  }
  return cudaSuccess;
}

cudaError_t cudaDeviceGetTexture1DLinearMaxWidth(size_t* elements, const cudaChannelFormatDesc* desc,
                                                 int ordinal) {
  ChannelFormat format;
  if (const cudaError_t error = ToFormat(*desc, &format); error != cudaSuccess) return error;
  return ToRuntimeError(
      cuDeviceGetTexture1DLinearMaxWidth(elements, format.format, format.channels, ordinal));
}

// The device that agrees with the most of what the caller filled in; the first one on a tie.
cudaError_t cudaChooseDevice(int* device, const cudaDeviceProp* wanted) {
  int count = 0;
  TQ_CUDART_RETURN_IF_ERROR(cuDeviceGetCount(&count));
  int best_score = -1;
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    cudaDeviceProp prop;
    if (const cudaError_t error = impl::cudaGetDeviceProperties(&prop, ordinal); error != cudaSuccess)
      return error;
    int score = 0;
    if (wanted->name[0] != '\0' && std::strncmp(wanted->name, prop.name, sizeof(prop.name)) == 0) ++score;
    if (wanted->major != 0 &&
        (prop.major > wanted->major || (prop.major == wanted->major && prop.minor >= wanted->minor)))
      ++score;
    if (wanted->totalGlobalMem != 0 && prop.totalGlobalMem >= wanted->totalGlobalMem) ++score;
    if (wanted->multiProcessorCount != 0 && prop.multiProcessorCount >= wanted->multiProcessorCount) ++score;
    if (score > best_score) {
      best_score = score;
      *device = ordinal;
    }
  }
  return best_score >= 0 ? cudaSuccess : cudaErrorNoDevice;
}

// Since CUDA 12 this initialises the primary context at once (CUDA Runtime API, cudaSetDevice).
cudaError_t cudaSetDevice(int device) {
  int count = 0;
  TQ_CUDART_RETURN_IF_ERROR(cuDeviceGetCount(&count));
  if (device < 0 || device >= count) return cudaErrorInvalidDevice;
  const cudaError_t error = UseDevice(device);
  if (error == cudaSuccess) GetThreadState().device = device;
  return error;
}

cudaError_t cudaInitDevice(int device, unsigned int device_flags, unsigned int flags) {
  if ((flags & ~static_cast<unsigned int>(cudaInitDeviceFlagsAreValid)) != 0) return cudaErrorInvalidValue;
  CUdevice handle;
  TQ_CUDART_RETURN_IF_ERROR(cuDeviceGet(&handle, device));
  if ((flags & cudaInitDeviceFlagsAreValid) != 0) {
    TQ_CUDART_RETURN_IF_ERROR(cuDevicePrimaryCtxSetFlags_v2(handle, device_flags));
  }
  CUcontext context;
  return PrimaryContext(device, &context);
}

cudaError_t cudaGetDevice(int* device) {
  CUdevice current = 0;
  *device = cuCtxGetDevice(&current) == CUDA_SUCCESS ? current : GetThreadState().device;
  return cudaSuccess;
}

cudaError_t cudaSetValidDevices(int* devices, int count) {
  int available = 0;
  TQ_CUDART_RETURN_IF_ERROR(cuDeviceGetCount(&available));
  for (int i = 0; i < count; ++i) {
    if (devices[i] < 0 || devices[i] >= available) return cudaErrorInvalidDevice;
  }
  if (count > 0) GetThreadState().device = devices[0];
  return cudaSuccess;
}

cudaError_t cudaSetDeviceFlags(unsigned int flags) {
  if ((flags & ~static_cast<unsigned int>(cudaDeviceMask)) != 0) return cudaErrorInvalidValue;
  CUdevice device;
  TQ_CUDART_RETURN_IF_ERROR(cuDeviceGet(&device, GetThreadState().device));
  return ToRuntimeError(cuDevicePrimaryCtxSetFlags_v2(device, flags));
}

cudaError_t cudaGetDeviceFlags(unsigned int* flags) {
  TQ_CUDART_RETURN_IF_ERROR(cuCtxGetFlags(flags));
  *flags |= cudaDeviceMapHost;  // always so
  return cudaSuccess;
}

cudaError_t cudaDeviceReset() { return ResetDevice(GetThreadState().device); }

cudaError_t cudaDeviceEnablePeerAccess(int peer, unsigned int flags) {
  if (flags != 0) return cudaErrorInvalidValue;
  CUcontext context;
  if (const cudaError_t error = PrimaryContext(peer, &context); error != cudaSuccess) return error;
  return ToRuntimeError(cuCtxEnablePeerAccess(context, 0));
}

cudaError_t cudaDeviceDisablePeerAccess(int peer) {
  CUcontext context;
  if (const cudaError_t error = PrimaryContext(peer, &context); error != cudaSuccess) return error;
  return ToRuntimeError(cuCtxDisablePeerAccess(context));
}

}  // namespace tq::cudart::impl
