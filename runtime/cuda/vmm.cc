#include "api/vmm.h"

#include <cuda.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/dma_buf.h"
#include "runtime/core/error.h"
#include "runtime/core/physical_memory.h"
#include "runtime/core/process.h"
#include "runtime/core/virtual_memory.h"

namespace tq::cuda::impl {

using core::CudaError;
using core::Device;
using core::PhysicalMemory;
using core::Process;
using core::VirtualMemory;

namespace {

// All of these functions reserve their flags.
absl::Status CheckNoFlags(unsigned long long flags) {
  if (flags == 0) return absl::OkStatus();
  return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are not 0 (", flags, ")"));
}

absl::StatusOr<Ref<PhysicalMemory>> MemoryOf(CUmemGenericAllocationHandle handle) {
  Ref<PhysicalMemory> memory = PhysicalMemory::Find(handle);
  if (memory) return memory;
  return CudaError(CUDA_ERROR_INVALID_VALUE,
                   absl::StrCat("the handle is of no physical memory (0x", absl::Hex(handle), ")"));
}

absl::Status CheckShareable(CUmemAllocationHandleType type) {
  if (type == CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR) return absl::OkStatus();
  return CudaError(CUDA_ERROR_NOT_SUPPORTED,
                   absl::StrCat("memory is shared by file descriptor only (handle type ", type, ")"));
}

}  // namespace

absl::Status cuMemAddressReserve(CUdeviceptr* ptr, size_t size, size_t alignment, CUdeviceptr addr,
                                 unsigned long long flags) {
  RETURN_IF_ERROR(CheckNoFlags(flags));
  ASSIGN_OR_RETURN(*ptr, VirtualMemory::Get().Reserve(size, alignment, addr));
  return absl::OkStatus();
}

absl::Status cuMemAddressFree(CUdeviceptr ptr, size_t size) { return VirtualMemory::Get().Free(ptr, size); }

absl::Status cuMemCreate(CUmemGenericAllocationHandle* handle, size_t size, const CUmemAllocationProp* prop,
                         unsigned long long flags) {
  RETURN_IF_ERROR(CheckNoFlags(flags));
  ASSIGN_OR_RETURN(const Ref<PhysicalMemory> memory, PhysicalMemory::Create(size, *prop));
  *handle = memory->GiveHandle();
  return absl::OkStatus();
}

absl::Status cuMemRelease(CUmemGenericAllocationHandle handle) {
  ASSIGN_OR_RETURN(const Ref<PhysicalMemory> memory, MemoryOf(handle));
  memory->TakeHandle();
  return absl::OkStatus();
}

absl::Status cuMemRetainAllocationHandle(CUmemGenericAllocationHandle* handle, void* addr) {
  const Ref<PhysicalMemory> memory = VirtualMemory::Get().MemoryAt(reinterpret_cast<uintptr_t>(addr));
  if (!memory) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("nothing is mapped at 0x", absl::Hex(reinterpret_cast<uintptr_t>(addr))));
  }
  *handle = memory->GiveHandle();
  return absl::OkStatus();
}

absl::Status cuMemMap(CUdeviceptr ptr, size_t size, size_t offset, CUmemGenericAllocationHandle handle,
                      unsigned long long flags) {
  RETURN_IF_ERROR(CheckNoFlags(flags));
  ASSIGN_OR_RETURN(Ref<PhysicalMemory> memory, MemoryOf(handle));
  return VirtualMemory::Get().Map(ptr, size, offset, std::move(memory));
}

absl::Status cuMemUnmap(CUdeviceptr ptr, size_t size) { return VirtualMemory::Get().Unmap(ptr, size); }

absl::Status cuMemSetAccess(CUdeviceptr ptr, size_t size, const CUmemAccessDesc* desc, size_t count) {
  if (count == 0) return CudaError(CUDA_ERROR_INVALID_VALUE, "no access is described");
  return VirtualMemory::Get().SetAccess(ptr, size, {desc, count});
}

absl::Status cuMemGetAccess(unsigned long long* flags, const CUmemLocation* location, CUdeviceptr ptr) {
  if (location->type != CU_MEM_LOCATION_TYPE_DEVICE) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED,
                     absl::StrCat("access is of devices (location type ", location->type, ")"));
  }
  RETURN_IF_ERROR(Process::Get().DeviceAt(location->id).status());
  ASSIGN_OR_RETURN(*flags, VirtualMemory::Get().Access(ptr, location->id));
  return absl::OkStatus();
}

absl::Status cuMemExportToShareableHandle(void* shareableHandle, CUmemGenericAllocationHandle handle,
                                          CUmemAllocationHandleType handleType, unsigned long long flags) {
  RETURN_IF_ERROR(CheckNoFlags(flags));
  if (shareableHandle == nullptr) return CudaError(CUDA_ERROR_INVALID_VALUE, "shareableHandle is null");
  RETURN_IF_ERROR(CheckShareable(handleType));
  ASSIGN_OR_RETURN(const Ref<PhysicalMemory> memory, MemoryOf(handle));
  ASSIGN_OR_RETURN(*static_cast<int*>(shareableHandle), memory->Export());
  return absl::OkStatus();
}

// A descriptor does not tell its device: the memory becomes the current context's device's.
absl::Status cuMemImportFromShareableHandle(CUmemGenericAllocationHandle* handle, void* osHandle,
                                            CUmemAllocationHandleType shHandleType) {
  RETURN_IF_ERROR(CheckShareable(shHandleType));
  const core::Context* const context = core::Context::Current();
  ASSIGN_OR_RETURN(Device* const device,
                   Process::Get().DeviceAt(context == nullptr ? 0 : context->device().ordinal()));
  const int fd = static_cast<int>(reinterpret_cast<intptr_t>(osHandle));
  ASSIGN_OR_RETURN(const Ref<PhysicalMemory> memory, PhysicalMemory::Import(*device, fd));
  *handle = memory->GiveHandle();
  return absl::OkStatus();
}

absl::Status cuMemGetAllocationGranularity(size_t* granularity, const CUmemAllocationProp* prop,
                                           CUmemAllocationGranularity_flags option) {
  if (option != CU_MEM_ALLOC_GRANULARITY_MINIMUM && option != CU_MEM_ALLOC_GRANULARITY_RECOMMENDED) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no such granularity (", option, ")"));
  }
  RETURN_IF_ERROR(PhysicalMemory::CheckProperties(*prop).status());
  *granularity = PhysicalMemory::kGranularityBytes;
  return absl::OkStatus();
}

absl::Status cuMemGetAllocationPropertiesFromHandle(CUmemAllocationProp* prop,
                                                    CUmemGenericAllocationHandle handle) {
  ASSIGN_OR_RETURN(const Ref<PhysicalMemory> memory, MemoryOf(handle));
  *prop = memory->properties();
  return absl::OkStatus();
}

// No mapping goes through a BAR of PCI Express here: the flag that asks for it is refused.
absl::Status cuMemGetHandleForAddressRange(void* handle, CUdeviceptr dptr, size_t size,
                                           CUmemRangeHandleType handleType, unsigned long long flags) {
  if (handle == nullptr || handleType != CU_MEM_RANGE_HANDLE_TYPE_DMA_BUF_FD) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("handle is null, or there is no such handle type (", handleType, ")"));
  }
  if (flags == CU_MEM_RANGE_FLAG_DMA_BUF_MAPPING_TYPE_PCIE)
    return CudaError(CUDA_ERROR_NOT_SUPPORTED, "no memory is mapped by way of PCI Express");
  RETURN_IF_ERROR(CheckNoFlags(flags));
  ASSIGN_OR_RETURN(*static_cast<int*>(handle), core::MakeDmaBuf(dptr, size));
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
