#include <cuda.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "api/launch.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/function.h"
#include "runtime/core/green_context.h"
#include "runtime/core/stream.h"

namespace tq::cuda::impl {

using core::CudaError;
using core::Device;
using core::Function;

namespace {

absl::Status CheckFlags(unsigned flags) {
  if ((flags & ~CU_OCCUPANCY_DISABLE_CACHING_OVERRIDE) == 0) return absl::OkStatus();
  return CudaError(CUDA_ERROR_INVALID_VALUE,
                   absl::StrCat("the occupancy flags are invalid (0x", absl::Hex(flags), ")"));
}

absl::Status CheckBlock(int threads) {
  if (threads > 0) return absl::OkStatus();
  return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the block has no threads (", threads, ")"));
}

}  // namespace

absl::Status cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* numBlocks, Function& func,
                                                                  int blockSize, size_t dynamicSMemSize,
                                                                  unsigned int flags) {
  RETURN_IF_ERROR(CheckFlags(flags));
  RETURN_IF_ERROR(CheckBlock(blockSize));
  ASSIGN_OR_RETURN(*numBlocks, func.BlocksPerUnit(static_cast<uint64_t>(blockSize), dynamicSMemSize));
  return absl::OkStatus();
}

absl::Status cuOccupancyMaxActiveBlocksPerMultiprocessor(int* numBlocks, Function& func, int blockSize,
                                                         size_t dynamicSMemSize) {
  return impl::cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(numBlocks, func, blockSize,
                                                                    dynamicSMemSize, 0);
}

// The block size, a multiple of the warp, that keeps most threads of a multiprocessor busy; of equals the
// largest.
absl::Status cuOccupancyMaxPotentialBlockSizeWithFlags(int* minGridSize, int* blockSize, Function& func,
                                                       CUoccupancyB2DSize blockSizeToDynamicSMemSize,
                                                       size_t dynamicSMemSize, int blockSizeLimit,
                                                       unsigned int flags) {
  RETURN_IF_ERROR(CheckFlags(flags));
  ASSIGN_OR_RETURN(const hal::KernelEntry* const entry, func.Load());
  const hal_device_info& device = func.context().device().info();
  const int warp = static_cast<int>(device.warp_size);
  int most = static_cast<int>(std::min(entry->info.max_threads_per_block, device.max_threads_per_block));
  if (blockSizeLimit > 0) most = std::min(most, blockSizeLimit);
  int best_threads = 0, best_block = 0, best_blocks = 0;
  for (int block = (most + warp - 1) / warp * warp; block > 0; block -= warp) {
    const int threads = std::min(block, most);
    const size_t shared =
        blockSizeToDynamicSMemSize == nullptr ? dynamicSMemSize : blockSizeToDynamicSMemSize(threads);
    ASSIGN_OR_RETURN(const int blocks, func.BlocksPerUnit(static_cast<uint64_t>(threads), shared));
    if (blocks * threads > best_threads) {
      best_threads = blocks * threads;
      best_block = threads;
      best_blocks = blocks;
    }
  }
  if (best_block == 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("no block of kernel ", func.name(), " fits the device"));
  }
  *blockSize = best_block;
  *minGridSize = best_blocks * static_cast<int>(device.compute_units);
  return absl::OkStatus();
}

absl::Status cuOccupancyMaxPotentialBlockSize(int* minGridSize, int* blockSize, Function& func,
                                              CUoccupancyB2DSize blockSizeToDynamicSMemSize,
                                              size_t dynamicSMemSize, int blockSizeLimit) {
  return impl::cuOccupancyMaxPotentialBlockSizeWithFlags(
      minGridSize, blockSize, func, blockSizeToDynamicSMemSize, dynamicSMemSize, blockSizeLimit, 0);
}

absl::Status cuOccupancyAvailableDynamicSMemPerBlock(size_t* dynamicSmemSize, Function& func, int numBlocks,
                                                     int blockSize) {
  RETURN_IF_ERROR(CheckBlock(blockSize));
  ASSIGN_OR_RETURN(const hal::KernelEntry* const entry, func.Load());
  ASSIGN_OR_RETURN(const int blocks, func.BlocksPerUnit(static_cast<uint64_t>(blockSize), 0));
  if (numBlocks <= 0 || numBlocks > blocks) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("at most ", blocks, " such blocks run at once (", numBlocks, ")"));
  }
  const Device& device = func.context().device();
  ASSIGN_OR_RETURN(const int reserved,
                   device.Attribute(CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK));
  const uint64_t share = std::min<uint64_t>(device.info().shared_bytes_per_unit / numBlocks - reserved,
                                            device.info().max_shared_bytes_per_block);
  *dynamicSmemSize = share > entry->info.static_shared_bytes ? share - entry->info.static_shared_bytes : 0;
  return absl::OkStatus();
}

absl::Status cuOccupancyMaxPotentialClusterSize(int* clusterSize, Function& func,
                                                const CUlaunchConfig* config) {
  ASSIGN_OR_RETURN(const int non_portable,
                   func.Attribute(CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED));
  const bool clusters = func.context().device().hal().Has(HAL_DEVICE_CLUSTERS);
  *clusterSize = !clusters ? 1 : non_portable != 0 ? 16 : 8;
  return absl::OkStatus();
}

absl::Status cuOccupancyMaxActiveClusters(int* numClusters, Function& func, const CUlaunchConfig* config) {
  uint64_t cluster = 1;
  for (unsigned i = 0; i < config->numAttrs; ++i) {
    if (config->attrs[i].id != CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION) continue;
    const auto& dim = config->attrs[i].value.clusterDim;
    cluster = uint64_t{dim.x} * dim.y * dim.z;
  }
  if (cluster == 0) return CudaError(CUDA_ERROR_INVALID_CLUSTER_SIZE, "a side of the cluster is 0");
  const uint64_t threads = uint64_t{config->blockDimX} * config->blockDimY * config->blockDimZ;
  ASSIGN_OR_RETURN(const int blocks, func.BlocksPerUnit(threads, config->sharedMemBytes));
  uint64_t units = func.context().device().info().compute_units;
  const core::Stream* const stream =
      config->hStream == nullptr ? nullptr : core::Resolve(config->hStream, core::DefaultStream::kLegacy);
  if (stream != nullptr && stream->green() != nullptr) units = stream->green()->units().Count();
  const uint64_t resident = units * static_cast<uint64_t>(blocks);
  *numClusters = static_cast<int>(resident / cluster);
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
