#include "runtime/core/device_attribute.h"

#include <cuda.h>

#include <algorithm>
#include <climits>
#include <cstdint>

#include "base/knobs.h"
#include "runtime/core/decompress.h"
#include "runtime/core/device.h"
#include "runtime/core/dma_buf.h"

namespace tq::core {
namespace {

int Int(uint64_t value) { return static_cast<int>(std::min<uint64_t>(value, INT_MAX)); }

// What a kernel may use without asking for more (CUDA C++ Programming Guide, "Technical Specifications": 48
// KiB).
uint64_t DefaultSharedBytes(const Device& d) {
  return std::min<uint64_t>(d.info().max_shared_bytes_per_block, 48 << 10);
}

// So that the per-block and per-multiprocessor figures add up.
int ReservedSharedBytes(const Device& d) {
  return d.info().shared_bytes_per_unit > d.info().max_shared_bytes_per_block ? 1024 : 0;
}

// One coherent memory, at the same addresses, for host and device.
bool SharesMemory(const Device& d) { return d.hal().Has(HAL_DEVICE_UNIFIED_ADDRESSES | HAL_DEVICE_COHERENT); }

struct ConstantRow {
  CUdevice_attribute attribute;
  int value;
};

// Limits of textures and the like are those of compute capability 12.x (Programming Guide, same table).
constexpr ConstantRow kConstants[] = {
    {CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY, 65536},
    {CU_DEVICE_ATTRIBUTE_MAX_PITCH, 2147483647},
    {CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT, 512},
    {CU_DEVICE_ATTRIBUTE_GPU_OVERLAP, 1},
    {CU_DEVICE_ATTRIBUTE_INTEGRATED, 0},
    {CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY, 1},
    {CU_DEVICE_ATTRIBUTE_COMPUTE_MODE, CU_COMPUTEMODE_DEFAULT},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_WIDTH, 131072},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_WIDTH, 131072},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_HEIGHT, 65536},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH, 16384},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT, 16384},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH, 16384},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_WIDTH, 32768},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_HEIGHT, 32768},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_LAYERS, 2048},
    {CU_DEVICE_ATTRIBUTE_SURFACE_ALIGNMENT, 512},
    {CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS, 1},
    {CU_DEVICE_ATTRIBUTE_ECC_ENABLED, 0},
    {CU_DEVICE_ATTRIBUTE_TCC_DRIVER, 0},
    {CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT, 2},
    {CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING, 1},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_WIDTH, 32768},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_LAYERS, 2048},
    {CU_DEVICE_ATTRIBUTE_CAN_TEX2D_GATHER, 1},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_WIDTH, 32768},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_HEIGHT, 32768},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH_ALTERNATE, 8192},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT_ALTERNATE, 8192},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH_ALTERNATE, 32768},
    {CU_DEVICE_ATTRIBUTE_TEXTURE_PITCH_ALIGNMENT, 32},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_WIDTH, 32768},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_WIDTH, 32768},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_LAYERS, 2046},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_WIDTH, 32768},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_WIDTH, 131072},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_HEIGHT, 65536},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_WIDTH, 16384},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_HEIGHT, 16384},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_DEPTH, 16384},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_WIDTH, 32768},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_LAYERS, 2048},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_WIDTH, 32768},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_HEIGHT, 32768},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_LAYERS, 2048},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_WIDTH, 32768},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_WIDTH, 32768},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_LAYERS, 2046},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LINEAR_WIDTH, 268435456},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_WIDTH, 131072},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_HEIGHT, 65000},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_PITCH, 2097120},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_WIDTH, 32768},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_HEIGHT, 32768},
    {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_MIPMAPPED_WIDTH, 32768},
    {CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_MULTI_GPU_BOARD, 0},
    {CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO, 2},
    {CU_DEVICE_ATTRIBUTE_COMPUTE_PREEMPTION_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_MEM_OPS_V1, 1},
    {CU_DEVICE_ATTRIBUTE_CAN_USE_64_BIT_STREAM_MEM_OPS_V1, 1},
    {CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_WAIT_VALUE_NOR_V1, 1},
    {CU_DEVICE_ATTRIBUTE_COOPERATIVE_MULTI_DEVICE_LAUNCH, 0},
    {CU_DEVICE_ATTRIBUTE_CAN_FLUSH_REMOTE_WRITES, 0},
    {CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_WIN32_HANDLE_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_WIN32_KMT_HANDLE_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_GENERIC_COMPRESSION_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE, 0},
    {CU_DEVICE_ATTRIBUTE_MAX_ACCESS_POLICY_WINDOW_SIZE, 0},
    {CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_WITH_CUDA_VMM_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_SPARSE_CUDA_ARRAY_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_DEFERRED_MAPPING_CUDA_ARRAY_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_CAN_USE_64_BIT_STREAM_MEM_OPS, 1},
    {CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_WAIT_VALUE_NOR, 1},
    {CU_DEVICE_ATTRIBUTE_MEM_SYNC_DOMAIN_COUNT, 1},
    {CU_DEVICE_ATTRIBUTE_TENSOR_MAP_ACCESS_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_FABRIC_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_UNIFIED_FUNCTION_POINTERS, 0},
    {CU_DEVICE_ATTRIBUTE_NUMA_CONFIG, CU_DEVICE_NUMA_CONFIG_NONE},
    {CU_DEVICE_ATTRIBUTE_NUMA_ID, -1},
    {CU_DEVICE_ATTRIBUTE_MULTICAST_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_MPS_ENABLED, 0},
    {CU_DEVICE_ATTRIBUTE_HOST_NUMA_ID, 0},
    {CU_DEVICE_ATTRIBUTE_D3D12_CIG_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_VULKAN_CIG_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_GPU_PCI_DEVICE_ID, 0},
    {CU_DEVICE_ATTRIBUTE_GPU_PCI_SUBSYSTEM_ID, 0},
    {CU_DEVICE_ATTRIBUTE_HOST_NUMA_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_HOST_NUMA_MEMORY_POOLS_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_HOST_NUMA_MULTINODE_IPC_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_HOST_MEMORY_POOLS_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_HOST_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_HOST_ALLOC_DMA_BUF_SUPPORTED, 0},
    {CU_DEVICE_ATTRIBUTE_ONLY_PARTIAL_HOST_NATIVE_ATOMIC_SUPPORTED, 0},
};

struct DerivedRow {
  CUdevice_attribute attribute;
  int (*value)(const Device& d);
};

constexpr DerivedRow kDerived[] = {
    {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK,
     [](const Device& d) -> int { return Int(d.info().max_threads_per_block); }},
    {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X, [](const Device& d) -> int { return Int(d.info().max_block.x); }},
    {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y, [](const Device& d) -> int { return Int(d.info().max_block.y); }},
    {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z, [](const Device& d) -> int { return Int(d.info().max_block.z); }},
    {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X, [](const Device& d) -> int { return Int(d.info().max_grid.x); }},
    {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y, [](const Device& d) -> int { return Int(d.info().max_grid.y); }},
    {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z, [](const Device& d) -> int { return Int(d.info().max_grid.z); }},
    {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK,
     [](const Device& d) -> int { return Int(DefaultSharedBytes(d)); }},
    {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN,
     [](const Device& d) -> int { return Int(d.info().max_shared_bytes_per_block); }},
    {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR,
     [](const Device& d) -> int { return Int(d.info().shared_bytes_per_unit); }},
    {CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK,
     [](const Device& d) -> int { return ReservedSharedBytes(d); }},
    {CU_DEVICE_ATTRIBUTE_WARP_SIZE, [](const Device& d) -> int { return Int(d.info().warp_size); }},
    {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK,
     [](const Device& d) -> int { return Int(d.info().registers_per_unit); }},
    {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR,
     [](const Device& d) -> int { return Int(d.info().registers_per_unit); }},
    {CU_DEVICE_ATTRIBUTE_CLOCK_RATE, [](const Device& d) -> int { return Int(d.info().clock_khz); }},
    {CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE,
     [](const Device& d) -> int { return Int(d.info().memory_clock_khz); }},
    {CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH,
     [](const Device& d) -> int { return Int(d.info().memory_bus_bits); }},
    {CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, [](const Device& d) -> int { return Int(d.info().cache_bytes); }},
    {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT,
     [](const Device& d) -> int { return Int(d.info().compute_units); }},
    {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR,
     [](const Device& d) -> int { return Int(d.info().max_threads_per_unit); }},
    {CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR,
     [](const Device& d) -> int { return Int(d.info().max_blocks_per_unit); }},
    {CU_DEVICE_ATTRIBUTE_PCI_BUS_ID, [](const Device& d) -> int { return d.info().pci_bus; }},
    {CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID, [](const Device& d) -> int { return d.info().pci_device; }},
    {CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID, [](const Device& d) -> int { return d.info().pci_domain; }},
    {CU_DEVICE_ATTRIBUTE_MULTI_GPU_BOARD_GROUP_ID, [](const Device& d) -> int { return d.ordinal(); }},
    {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR,
     [](const Device& d) -> int { return d.compute_capability().major; }},
    {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR,
     [](const Device& d) -> int { return d.compute_capability().minor; }},
    {CU_DEVICE_ATTRIBUTE_KERNEL_EXEC_TIMEOUT, [](const Device& d) -> int { return Knobs().watchdog_ms > 0; }},
    {CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH,
     [](const Device& d) -> int { return d.hal().Has(HAL_DEVICE_COOPERATIVE); }},
    {CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED,
     [](const Device& d) -> int { return d.has_virtual_memory(); }},
    {CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR_SUPPORTED,
     [](const Device& d) -> int { return d.has_virtual_memory(); }},
    {CU_DEVICE_ATTRIBUTE_MEMPOOL_SUPPORTED_HANDLE_TYPES,
     [](const Device& d) -> int {
       return d.shares_objects() ? CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR : CU_MEM_HANDLE_TYPE_NONE;
     }},
    {CU_DEVICE_ATTRIBUTE_TIMELINE_SEMAPHORE_INTEROP_SUPPORTED,
     [](const Device& d) -> int { return d.shares_objects(); }},
    {CU_DEVICE_ATTRIBUTE_IPC_EVENT_SUPPORTED, [](const Device& d) -> int { return d.shares_objects(); }},
    {CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH,
     [](const Device& d) -> int { return d.hal().Has(HAL_DEVICE_CLUSTERS); }},
    {CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS,
     [](const Device& d) -> int { return d.hal().Has(HAL_DEVICE_READS_HOST_MEMORY); }},
    {CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS_USES_HOST_PAGE_TABLES,
     [](const Device& d) -> int { return d.hal().Has(HAL_DEVICE_READS_HOST_MEMORY); }},
    {CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY, [](const Device& d) -> int { return SharesMemory(d); }},
    {CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS, [](const Device& d) -> int { return SharesMemory(d); }},
    {CU_DEVICE_ATTRIBUTE_DIRECT_MANAGED_MEM_ACCESS_FROM_HOST,
     [](const Device& d) -> int { return SharesMemory(d); }},
    {CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_FLUSH_WRITES_OPTIONS,
     [](const Device& d) -> int {
       return SharesMemory(d) ? CU_FLUSH_GPU_DIRECT_RDMA_WRITES_OPTION_HOST : 0;
     }},
    {CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_WRITES_ORDERING,
     [](const Device& d) -> int {
       return SharesMemory(d) ? CU_GPU_DIRECT_RDMA_WRITES_ORDERING_ALL_DEVICES
                              : CU_GPU_DIRECT_RDMA_WRITES_ORDERING_NONE;
     }},
    {CU_DEVICE_ATTRIBUTE_DMA_BUF_SUPPORTED, [](const Device& d) -> int { return HasDmaBufs(d); }},
    // The host does it, in memory that it shares.
    {CU_DEVICE_ATTRIBUTE_MEM_DECOMPRESS_ALGORITHM_MASK,
     [](const Device& d) -> int { return SharesMemory(d) ? kDecompressMask : 0; }},
    {CU_DEVICE_ATTRIBUTE_MEM_DECOMPRESS_MAXIMUM_LENGTH,
     [](const Device& d) -> int { return SharesMemory(d) ? Int(kMostDecompressedBytes) : 0; }},
    {CU_DEVICE_ATTRIBUTE_HOST_NATIVE_ATOMIC_SUPPORTED,
     [](const Device& d) -> int { return SharesMemory(d); }},
    {CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED, [](const Device& d) -> int { return SharesMemory(d); }},
    {CU_DEVICE_ATTRIBUTE_READ_ONLY_HOST_REGISTER_SUPPORTED,
     [](const Device& d) -> int { return SharesMemory(d); }},
    {CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM,
     [](const Device& d) -> int { return SharesMemory(d); }},
};

}  // namespace

std::vector<AttributeValue> DeviceAttributes(const Device& device) {
  std::vector<AttributeValue> values(CU_DEVICE_ATTRIBUTE_MAX);
  for (const ConstantRow& row : kConstants) values[row.attribute] = {true, row.value};
  for (const DerivedRow& row : kDerived) values[row.attribute] = {true, row.value(device)};
  return values;
}

}  // namespace tq::core
