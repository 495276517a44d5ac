// Questions about a pointer: cuPointerGetAttribute and kin.
#include <cuda.h>

#include "absl/strings/str_cat.h"
#include "api/memory.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/physical_memory.h"
#include "runtime/core/pool.h"
#include "runtime/core/process.h"
#include "runtime/core/virtual_memory.h"

namespace tq::cuda::impl {

using core::Allocation;
using core::CudaError;

namespace {

struct Query {
  const Allocation& allocation;
  CUdeviceptr ptr;

  // The pointer's distance from the start of the allocation, whichever of its addresses was given.
  uint64_t offset() const {
    const uint64_t from_device = ptr - allocation.device_ptr();
    return from_device < allocation.size_bytes() ? from_device
                                                 : ptr - reinterpret_cast<uintptr_t>(allocation.host_ptr());
  }
};

// How the memory can be shared with other processes.
unsigned long long HandleTypes(const Allocation& allocation) {
  if (allocation.pool() != nullptr) return allocation.pool()->properties().handleTypes;
  if (allocation.kind() != Allocation::Kind::kVirtual) return CU_MEM_HANDLE_TYPE_NONE;
  const auto memory = core::VirtualMemory::Get().MemoryAt(allocation.device_ptr());
  return memory ? memory->properties().requestedHandleTypes : CU_MEM_HANDLE_TYPE_NONE;
}

template <typename T>
absl::Status Put(void* data, T value) {
  *static_cast<T*>(data) = value;
  return absl::OkStatus();
}

struct Row {
  CUpointer_attribute attribute;
  absl::Status (*get)(const Query& query, void* data);
  void (*missing)(void* data);  // what cuPointerGetAttributes answers for a pointer that CUDA does not know
};

template <typename T>
void Zero(void* data) {
  *static_cast<T*>(data) = T{};
}

const Row kRows[] = {
    {CU_POINTER_ATTRIBUTE_CONTEXT,
     [](const Query& q, void* data) {
       // Mappings belong to the process.
       const bool of_process = q.allocation.kind() == Allocation::Kind::kVirtual;
       return Put(data, of_process ? nullptr : q.allocation.context().handle<CUcontext>());
     },
     Zero<CUcontext>},
    {CU_POINTER_ATTRIBUTE_MEMORY_TYPE,
     [](const Query& q, void* data) {
       return Put<unsigned>(data, q.allocation.is_host() ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE);
     },
     Zero<unsigned>},
    {CU_POINTER_ATTRIBUTE_DEVICE_POINTER,
     [](const Query& q, void* data) {
       return Put<CUdeviceptr>(data, q.allocation.device_ptr() + q.offset());
     },
     Zero<CUdeviceptr>},
    {CU_POINTER_ATTRIBUTE_HOST_POINTER,
     [](const Query& q, void* data) {
       if (!q.allocation.is_host() && !q.allocation.is_managed()) {
         return CudaError(CUDA_ERROR_INVALID_VALUE, "the memory has no host pointer");
       }
       return Put<void*>(data, static_cast<char*>(q.allocation.host_ptr()) + q.offset());
     },
     Zero<void*>},
    {CU_POINTER_ATTRIBUTE_P2P_TOKENS,
     [](const Query&, void*) {
       return CudaError(CUDA_ERROR_NOT_SUPPORTED, "the device has no peer-to-peer tokens");
     },
     Zero<CUDA_POINTER_ATTRIBUTE_P2P_TOKENS>},
    {CU_POINTER_ATTRIBUTE_SYNC_MEMOPS,
     [](const Query& q, void* data) { return Put<unsigned>(data, q.allocation.sync_memops()); },
     Zero<unsigned>},
    {CU_POINTER_ATTRIBUTE_BUFFER_ID,
     [](const Query& q, void* data) { return Put<unsigned long long>(data, q.allocation.id()); },
     Zero<unsigned long long>},
    {CU_POINTER_ATTRIBUTE_IS_MANAGED,
     [](const Query& q, void* data) { return Put<unsigned>(data, q.allocation.is_managed()); },
     Zero<unsigned>},
    {CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL,
     [](const Query& q, void* data) { return Put<int>(data, q.allocation.context().device().ordinal()); },
     [](void* data) { *static_cast<int*>(data) = CU_DEVICE_INVALID; }},
    {CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE,
     [](const Query& q, void* data) {
       return Put<unsigned>(data, q.allocation.kind() == Allocation::Kind::kDevice);
     },
     Zero<unsigned>},
    {CU_POINTER_ATTRIBUTE_RANGE_START_ADDR,
     [](const Query& q, void* data) { return Put<CUdeviceptr>(data, q.allocation.device_ptr()); },
     Zero<CUdeviceptr>},
    {CU_POINTER_ATTRIBUTE_RANGE_SIZE,
     [](const Query& q, void* data) { return Put<size_t>(data, q.allocation.size_bytes()); }, Zero<size_t>},
    {CU_POINTER_ATTRIBUTE_MAPPED, [](const Query&, void* data) { return Put<unsigned>(data, 1); },
     Zero<unsigned>},
    {CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES,
     [](const Query& q, void* data) { return Put<unsigned long long>(data, HandleTypes(q.allocation)); },
     Zero<unsigned long long>},
    {CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE,
     [](const Query&, void* data) { return Put<unsigned>(data, 0); }, Zero<unsigned>},
    {CU_POINTER_ATTRIBUTE_ACCESS_FLAGS,
     [](const Query& q, void* data) {
       return Put<unsigned>(data, q.allocation.is_writable() ? CU_POINTER_ATTRIBUTE_ACCESS_FLAG_READWRITE
                                                             : CU_POINTER_ATTRIBUTE_ACCESS_FLAG_READ);
     },
     Zero<unsigned>},
    {CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE,
     [](const Query& q, void* data) {
       const core::MemoryPool* const pool = q.allocation.pool();
       return Put(data, pool == nullptr ? nullptr : pool->handle<CUmemoryPool>());
     },
     Zero<CUmemoryPool>},
    {CU_POINTER_ATTRIBUTE_MAPPING_SIZE,
     [](const Query& q, void* data) { return Put<size_t>(data, q.allocation.size_bytes()); }, Zero<size_t>},
    {CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR,
     [](const Query& q, void* data) { return Put<CUdeviceptr>(data, q.allocation.device_ptr()); },
     Zero<CUdeviceptr>},
    {CU_POINTER_ATTRIBUTE_MEMORY_BLOCK_ID,
     [](const Query& q, void* data) { return Put<unsigned long long>(data, q.allocation.id()); },
     Zero<unsigned long long>},
    {CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE,
     [](const Query& q, void* data) {
       const bool is_shared = q.allocation.context().device().hal().Has(HAL_DEVICE_UNIFIED_ADDRESSES);
       return Put<unsigned>(data, is_shared);
     },
     Zero<unsigned>},
};

const Row* FindRow(CUpointer_attribute attribute) {
  for (const Row& row : kRows) {
    if (row.attribute == attribute) return &row;
  }
  return nullptr;
}

absl::Status NoSuch(CUpointer_attribute attribute) {
  return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no pointer attribute ", attribute));
}

absl::StatusOr<Allocation*> Find(CUdeviceptr ptr) {
  Allocation* const allocation = core::Process::Get().address_space().Find(ptr);
  if (allocation != nullptr) return allocation;
  return CudaError(CUDA_ERROR_INVALID_VALUE,
                   absl::StrCat("CUDA did not allocate or register 0x", absl::Hex(ptr)));
}

}  // namespace

absl::Status cuPointerGetAttribute(void* data, CUpointer_attribute attribute, CUdeviceptr ptr) {
  const Row* const row = FindRow(attribute);
  if (row == nullptr) return NoSuch(attribute);
  ASSIGN_OR_RETURN(const Allocation* const allocation, Find(ptr));
  return row->get({*allocation, ptr}, data);
}

// Unlike cuPointerGetAttribute: an attribute that the pointer lacks is answered with zero, not with an error.
absl::Status cuPointerGetAttributes(unsigned int numAttributes, CUpointer_attribute* attributes, void** data,
                                    CUdeviceptr ptr) {
  const Allocation* const allocation = core::Process::Get().address_space().Find(ptr);
  for (unsigned i = 0; i < numAttributes; ++i) {
    const Row* const row = FindRow(attributes[i]);
    if (row == nullptr || data[i] == nullptr) return NoSuch(attributes[i]);
    if (allocation == nullptr || !row->get({*allocation, ptr}, data[i]).ok()) row->missing(data[i]);
  }
  return absl::OkStatus();
}

absl::Status cuPointerSetAttribute(const void* value, CUpointer_attribute attribute, CUdeviceptr ptr) {
  if (attribute != CU_POINTER_ATTRIBUTE_SYNC_MEMOPS || value == nullptr) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("pointer attribute ", attribute, " cannot be set"));
  }
  ASSIGN_OR_RETURN(Allocation* const allocation, Find(ptr));
  allocation->set_sync_memops(*static_cast<const unsigned*>(value) != 0);
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
