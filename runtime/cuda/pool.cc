#include "runtime/core/pool.h"

#include <cuda.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/pool.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/capture.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/graph_memory.h"
#include "runtime/core/pool_table.h"
#include "runtime/core/process.h"
#include "runtime/core/stream.h"

namespace tq::cuda::impl {

using core::Allocation;
using core::CudaError;
using core::Device;
using core::GraphMemory;
using core::MemoryPool;
using core::PoolTable;
using core::Process;
using core::Stream;

namespace {

absl::Status Allocate(CUdeviceptr* dptr, size_t bytes, MemoryPool& pool, Stream& stream) {
  if (bytes == 0) return CudaError(CUDA_ERROR_INVALID_VALUE, "the size of the allocation is 0");
  if (pool.is_of_device() && &pool.device() != &stream.context().device()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the pool and the stream are of different devices");
  }
  if (stream.capture() != nullptr) [[unlikely]] {
    if (!pool.is_of_device()) return core::Capture::Refuse(stream, "allocating from a pool of no device");
    core::AllocateOperation node;
    node.given.bytesize = bytes;
    node.given.poolProps.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
    node.given.poolProps.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
    node.given.poolProps.location.id = pool.device().ordinal();
    ASSIGN_OR_RETURN(node.memory, GraphMemory::Create(stream.context(), bytes));
    node.given.dptr = *dptr = node.memory->address();
    return core::Capture::Add(stream, std::move(node));
  }
  ASSIGN_OR_RETURN(const Allocation* const block, pool.Allocate(stream, bytes));
  *dptr = block->device_ptr();
  return absl::OkStatus();
}

absl::Status CheckShareable(CUmemAllocationHandleType type, unsigned long long flags) {
  if (flags != 0)
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are not 0 (", flags, ")"));
  if (type == CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR) return absl::OkStatus();
  return CudaError(CUDA_ERROR_NOT_SUPPORTED,
                   absl::StrCat("pools are shared by file descriptor only (handle type ", type, ")"));
}

// CUDA_ERROR_INVALID_DEVICE for a device that cannot have access to the pool.
absl::Status CheckAccessor(const MemoryPool& pool, const CUmemLocation& location) {
  switch (location.type) {
    case CU_MEM_LOCATION_TYPE_DEVICE: {
      ASSIGN_OR_RETURN(const Device* const device, Process::Get().DeviceAt(location.id));
      if (!pool.is_of_device() || device == &pool.device() || device->CanAccess(pool.device())) {
        return absl::OkStatus();
      }
      return CudaError(CUDA_ERROR_INVALID_DEVICE,
                       absl::StrCat("device ", device->ordinal(), " cannot reach the pool"));
    }
    case CU_MEM_LOCATION_TYPE_HOST:
    case CU_MEM_LOCATION_TYPE_HOST_NUMA:
    case CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT:
      if (!pool.is_of_device()) return absl::OkStatus();
      return CudaError(CUDA_ERROR_NOT_SUPPORTED, "the host has no access to pools of devices");
    default:
      return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no memory location ", location.type));
  }
}

}  // namespace

absl::Status cuMemAllocAsync(CUdeviceptr* dptr, size_t bytesize, Stream& hStream) {
  const Ref<MemoryPool> pool = hStream.context().device().pool();
  return Allocate(dptr, bytesize, *pool, hStream);
}

absl::Status cuMemAllocFromPoolAsync(CUdeviceptr* dptr, size_t bytesize, MemoryPool& pool, Stream& hStream) {
  return Allocate(dptr, bytesize, pool, hStream);
}

absl::Status cuMemFreeAsync(CUdeviceptr dptr, Stream& hStream) {
  if (dptr == 0) return absl::OkStatus();
  std::shared_ptr<GraphMemory> memory = GraphMemory::Find(dptr);
  if (hStream.capture() != nullptr) [[unlikely]] {
    if (memory == nullptr)
      return core::Capture::Refuse(hStream, "freeing memory that no graph has allocated");
    return core::Capture::Add(hStream, core::FreeOperation{dptr, std::move(memory)});
  }
  if (memory != nullptr) return memory->Give();
  Allocation* const block = Process::Get().address_space().Find(dptr);
  if (block == nullptr || block->device_ptr() != dptr || block->pool() == nullptr) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("no stream-ordered allocation begins at 0x", absl::Hex(dptr)));
  }
  return block->pool()->Free(hStream, block);
}

absl::Status cuDeviceGetDefaultMemPool(CUmemoryPool* pool_out, Device& dev) {
  *pool_out = dev.default_pool().handle<CUmemoryPool>();
  return absl::OkStatus();
}

absl::Status cuDeviceGetMemPool(CUmemoryPool* pool, Device& dev) {
  *pool = dev.pool()->handle<CUmemoryPool>();
  return absl::OkStatus();
}

absl::Status cuDeviceSetMemPool(Device& dev, MemoryPool& pool) {
  return PoolTable::Get().SetCurrent({CU_MEM_LOCATION_TYPE_DEVICE, dev.ordinal()},
                                     CU_MEM_ALLOCATION_TYPE_PINNED, pool);
}

absl::Status cuMemGetDefaultMemPool(CUmemoryPool* pool_out, CUmemLocation* location,
                                    CUmemAllocationType type) {
  ASSIGN_OR_RETURN(const MemoryPool* const pool, PoolTable::Get().Default(*location, type));
  *pool_out = pool->handle<CUmemoryPool>();
  return absl::OkStatus();
}

absl::Status cuMemGetMemPool(CUmemoryPool* pool, CUmemLocation* location, CUmemAllocationType type) {
  ASSIGN_OR_RETURN(const MemoryPool* const current, PoolTable::Get().Current(*location, type));
  *pool = current->handle<CUmemoryPool>();
  return absl::OkStatus();
}

absl::Status cuMemSetMemPool(CUmemLocation* location, CUmemAllocationType type, MemoryPool& pool) {
  return PoolTable::Get().SetCurrent(*location, type, pool);
}

absl::Status cuMemPoolCreate(CUmemoryPool* pool, const CUmemPoolProps* poolProps) {
  ASSIGN_OR_RETURN(const MemoryPool* const created, PoolTable::Get().Create(*poolProps));
  *pool = created->handle<CUmemoryPool>();
  return absl::OkStatus();
}

// Allocations that are left keep the pool alive; its handle is dead at once.
absl::Status cuMemPoolDestroy(MemoryPool& pool) { return PoolTable::Get().Destroy(pool); }

absl::Status cuMemPoolExportToShareableHandle(void* handle_out, MemoryPool& pool,
                                              CUmemAllocationHandleType handleType,
                                              unsigned long long flags) {
  RETURN_IF_ERROR(CheckShareable(handleType, flags));
  if (handle_out == nullptr) return CudaError(CUDA_ERROR_INVALID_VALUE, "handle_out is null");
  ASSIGN_OR_RETURN(*static_cast<int*>(handle_out), pool.Export());
  return absl::OkStatus();
}

absl::Status cuMemPoolImportFromShareableHandle(CUmemoryPool* pool_out, void* handle,
                                                CUmemAllocationHandleType handleType,
                                                unsigned long long flags) {
  RETURN_IF_ERROR(CheckShareable(handleType, flags));
  ASSIGN_OR_RETURN(Ref<MemoryPool> pool,
                   MemoryPool::Import(static_cast<int>(reinterpret_cast<intptr_t>(handle))));
  *pool_out = PoolTable::Get().Adopt(std::move(pool))->handle<CUmemoryPool>();
  return absl::OkStatus();
}

absl::Status cuMemPoolExportPointer(CUmemPoolPtrExportData* shareData_out, CUdeviceptr ptr) {
  Allocation* const block = Process::Get().address_space().Find(ptr);
  if (block == nullptr || block->device_ptr() != ptr || block->pool() == nullptr) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("no stream-ordered allocation begins at 0x", absl::Hex(ptr)));
  }
  ASSIGN_OR_RETURN(const core::IpcHandle handle, block->pool()->ExportBlock(*block));
  handle.CopyTo(shareData_out);
  return absl::OkStatus();
}

absl::Status cuMemPoolImportPointer(CUdeviceptr* ptr_out, MemoryPool& pool,
                                    CUmemPoolPtrExportData* shareData) {
  using core::Context;
  Context* context = Context::Current();
  if (context == nullptr || !context->active()) context = &pool.device().primary();
  if (!context->active()) return CudaError(CUDA_ERROR_INVALID_CONTEXT, "no context can have the memory");
  absl::StatusOr<core::IpcHandle> handle =
      core::IpcHandle::Parse(shareData, core::IpcHandle::Kind::kPoolMemory);
  if (!handle.ok()) return CudaError(CUDA_ERROR_INVALID_VALUE, std::string(handle.status().message()));
  ASSIGN_OR_RETURN(const Allocation* const block, pool.ImportBlock(*context, *handle));
  *ptr_out = block->device_ptr();
  return absl::OkStatus();
}

absl::Status cuMemPoolTrimTo(MemoryPool& pool, size_t minBytesToKeep) {
  pool.TrimTo(minBytesToKeep);
  return absl::OkStatus();
}

absl::Status cuMemPoolSetAttribute(MemoryPool& pool, CUmemPool_attribute attr, void* value) {
  const int flag = *static_cast<const int*>(value);
  switch (attr) {
    case CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES:
      pool.reuse_follow_events = flag != 0;
      return absl::OkStatus();
    case CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC:
      pool.reuse_opportunistic = flag != 0;
      return absl::OkStatus();
    case CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
      pool.reuse_internal_dependencies = flag != 0;
      return absl::OkStatus();
    case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD:
      pool.release_threshold_bytes = *static_cast<const cuuint64_t*>(value);
      return absl::OkStatus();
    case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH:
    case CU_MEMPOOL_ATTR_USED_MEM_HIGH:
      if (*static_cast<const cuuint64_t*>(value) != 0) {
        return CudaError(CUDA_ERROR_INVALID_VALUE, "a high watermark can be set to 0 only");
      }
      attr == CU_MEMPOOL_ATTR_USED_MEM_HIGH ? pool.ResetUsedHigh() : pool.ResetReservedHigh();
      return absl::OkStatus();
    default:
      return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("pool attribute ", attr, " cannot be set"));
  }
}

absl::Status cuMemPoolGetAttribute(MemoryPool& pool, CUmemPool_attribute attr, void* value) {
  const MemoryPool::Figures figures = pool.figures();
  int* const flag = static_cast<int*>(value);
  cuuint64_t* const bytes = static_cast<cuuint64_t*>(value);
  switch (attr) {
    case CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES:
      *flag = pool.reuse_follow_events;
      return absl::OkStatus();
    case CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC:
      *flag = pool.reuse_opportunistic;
      return absl::OkStatus();
    case CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
      *flag = pool.reuse_internal_dependencies;
      return absl::OkStatus();
    case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD:
      *bytes = pool.release_threshold_bytes;
      return absl::OkStatus();
    case CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT:
      *bytes = figures.reserved_bytes;
      return absl::OkStatus();
    case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH:
      *bytes = figures.reserved_high_bytes;
      return absl::OkStatus();
    case CU_MEMPOOL_ATTR_USED_MEM_CURRENT:
      *bytes = figures.used_bytes;
      return absl::OkStatus();
    case CU_MEMPOOL_ATTR_USED_MEM_HIGH:
      *bytes = figures.used_high_bytes;
      return absl::OkStatus();
    default:
      return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("pools have no attribute ", attr));
  }
}

// Who can reach the pool's device reaches its memory; taking access away from others changes nothing they
// could see.
absl::Status cuMemPoolSetAccess(MemoryPool& pool, const CUmemAccessDesc* map, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    RETURN_IF_ERROR(CheckAccessor(pool, map[i].location));
    const bool is_home = map[i].location.type == pool.properties().location.type &&
                         map[i].location.id == pool.properties().location.id;
    if (is_home && map[i].flags != CU_MEM_ACCESS_FLAGS_PROT_READWRITE) {
      return CudaError(CUDA_ERROR_INVALID_VALUE, "a pool's own place cannot lose access");
    }
  }
  for (size_t i = 0; i < count; ++i) pool.SetAccess(map[i].location, map[i].flags);
  return absl::OkStatus();
}

absl::Status cuMemPoolGetAccess(CUmemAccess_flags* flags, MemoryPool& memPool, CUmemLocation* location) {
  RETURN_IF_ERROR(CheckAccessor(memPool, *location));
  *flags = memPool.Access(*location);
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
