#include "api/memory.h"

#include <cuda.h>

#include <limits>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/capture.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/graph_memory.h"
#include "runtime/core/pool.h"
#include "runtime/core/process.h"

namespace tq::cuda::impl {

using core::Allocation;
using core::Context;
using core::CudaError;
using core::Process;

namespace {

// Rows that start at such a multiple are aligned for every element size that cuMemAllocPitch takes.
constexpr size_t kPitchAlignBytes = 512;

absl::StatusOr<Allocation*> Allocate(Allocation::Kind kind, size_t bytes, unsigned flags = 0) {
  RETURN_IF_ERROR(core::Capture::CheckUnsafeCall("an allocation"));
  if (bytes == 0) return CudaError(CUDA_ERROR_INVALID_VALUE, "the size of the allocation is 0");
  Context& context = *Context::Current();
  ASSIGN_OR_RETURN(std::unique_ptr<Allocation> allocation, Allocation::Create(context, kind, bytes, flags));
  return context.Adopt(std::move(allocation));
}

Allocation* FindAt(uint64_t address) {
  Allocation* const allocation = Process::Get().address_space().Find(address);
  const bool at_start =
      allocation != nullptr &&
      (allocation->device_ptr() == address || reinterpret_cast<uintptr_t>(allocation->host_ptr()) == address);
  return at_start ? allocation : nullptr;
}

Allocation* FindHost(const void* pointer) {
  Allocation* const allocation = Process::Get().address_space().Find(reinterpret_cast<uintptr_t>(pointer));
  return allocation != nullptr && allocation->is_host() ? allocation : nullptr;
}

// Work in flight may use the memory: CUDA's frees wait for it.
absl::Status Free(Allocation* allocation) {
  RETURN_IF_ERROR(core::Capture::CheckUnsafeCall("a free"));
  RETURN_IF_ERROR(allocation->context().Synchronize());
  allocation->context().Release(allocation).reset();
  return absl::OkStatus();
}

}  // namespace

absl::Status cuMemGetInfo_v2(size_t* free, size_t* total) {
  const core::Device& device = Context::Current()->device();
  ASSIGN_OR_RETURN(*free, device.FreeBytes());
  *total = device.info().memory_bytes;
  return absl::OkStatus();
}

absl::Status cuMemAlloc_v2(CUdeviceptr* dptr, size_t bytesize) {
  ASSIGN_OR_RETURN(const Allocation* const allocation, Allocate(Allocation::Kind::kDevice, bytesize));
  *dptr = allocation->device_ptr();
  return absl::OkStatus();
}

absl::Status cuMemAllocPitch_v2(CUdeviceptr* dptr, size_t* pPitch, size_t WidthInBytes, size_t Height,
                                unsigned int ElementSizeBytes) {
  if (ElementSizeBytes != 4 && ElementSizeBytes != 8 && ElementSizeBytes != 16) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("elements are of 4, 8 or 16 bytes (", ElementSizeBytes, ")"));
  }
  if (WidthInBytes == 0 || Height == 0) return CudaError(CUDA_ERROR_INVALID_VALUE, "the allocation is empty");
  if (WidthInBytes > std::numeric_limits<size_t>::max() - kPitchAlignBytes) {
    return CudaError(CUDA_ERROR_OUT_OF_MEMORY,
                     absl::StrCat("the rows are too long (", WidthInBytes, " bytes)"));
  }
  const size_t pitch = (WidthInBytes + kPitchAlignBytes - 1) / kPitchAlignBytes * kPitchAlignBytes;
  size_t bytes = 0;
  if (__builtin_mul_overflow(pitch, Height, &bytes)) {
    return CudaError(CUDA_ERROR_OUT_OF_MEMORY,
                     absl::StrCat(Height, " rows of ", pitch, " bytes are too many"));
  }
  RETURN_IF_ERROR(impl::cuMemAlloc_v2(dptr, bytes));
  *pPitch = pitch;
  return absl::OkStatus();
}

absl::Status cuMemFree_v2(CUdeviceptr dptr) {
  if (dptr == 0) return absl::OkStatus();
  if (const std::shared_ptr<core::GraphMemory> memory = core::GraphMemory::Find(dptr)) {
    RETURN_IF_ERROR(memory->context().Synchronize());
    return memory->Give();
  }
  Allocation* const allocation = FindAt(dptr);
  const bool freeable =
      allocation != nullptr &&
      (allocation->kind() == Allocation::Kind::kDevice || allocation->kind() == Allocation::Kind::kExternal ||
       allocation->kind() == Allocation::Kind::kManaged || allocation->pool() != nullptr);
  if (!freeable || (allocation->pool() != nullptr && !allocation->pool()->IsUsed(allocation))) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("no allocation begins at 0x", absl::Hex(dptr)));
  }
  return Free(allocation);
}

absl::Status cuMemGetAddressRange_v2(CUdeviceptr* pbase, size_t* psize, CUdeviceptr dptr) {
  const Allocation* const allocation = Process::Get().address_space().Find(dptr);
  if (allocation == nullptr) {
    return CudaError(CUDA_ERROR_NOT_FOUND, absl::StrCat("no allocation holds 0x", absl::Hex(dptr)));
  }
  if (pbase != nullptr) *pbase = allocation->device_ptr();
  if (psize != nullptr) *psize = allocation->size_bytes();
  return absl::OkStatus();
}

absl::Status cuMemHostAlloc(void** pp, size_t bytesize, unsigned int Flags) {
  constexpr unsigned kKnown =
      CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP | CU_MEMHOSTALLOC_WRITECOMBINED;
  if ((Flags & ~kKnown) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the flags are invalid (0x", absl::Hex(Flags), ")"));
  }
  ASSIGN_OR_RETURN(const Allocation* const allocation, Allocate(Allocation::Kind::kHost, bytesize, Flags));
  *pp = allocation->host_ptr();
  return absl::OkStatus();
}

absl::Status cuMemAllocHost_v2(void** pp, size_t bytesize) { return impl::cuMemHostAlloc(pp, bytesize, 0); }

absl::Status cuMemFreeHost(void* p) {
  if (p == nullptr) return absl::OkStatus();
  Allocation* const allocation = FindAt(reinterpret_cast<uintptr_t>(p));
  if (allocation == nullptr || allocation->kind() != Allocation::Kind::kHost) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("no host allocation begins at 0x",
                                                            absl::Hex(reinterpret_cast<uintptr_t>(p))));
  }
  return Free(allocation);
}

absl::Status cuMemHostRegister_v2(void* p, size_t bytesize, unsigned int Flags) {
  constexpr unsigned kKnown = CU_MEMHOSTREGISTER_PORTABLE | CU_MEMHOSTREGISTER_DEVICEMAP |
                              CU_MEMHOSTREGISTER_IOMEMORY | CU_MEMHOSTREGISTER_READ_ONLY;
  if (p == nullptr || bytesize == 0 || (Flags & ~kKnown) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the range is empty or the flags are invalid");
  }
  if ((Flags & CU_MEMHOSTREGISTER_IOMEMORY) != 0) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED, "the device cannot map the memory of other devices");
  }
  const auto first = reinterpret_cast<uintptr_t>(p);
  const core::AddressSpace& space = Process::Get().address_space();
  if (space.Overlaps(first, bytesize)) {
    return CudaError(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, "a part of the range is registered");
  }
  Context& context = *Context::Current();
  ASSIGN_OR_RETURN(std::unique_ptr<Allocation> allocation, Allocation::Register(context, p, bytesize, Flags));
  context.Adopt(std::move(allocation));
  return absl::OkStatus();
}

absl::Status cuMemHostRegister(void* p, size_t bytesize, unsigned int Flags) {
  return impl::cuMemHostRegister_v2(p, bytesize, Flags);
}

absl::Status cuMemHostUnregister(void* p) {
  Allocation* const allocation = p == nullptr ? nullptr : FindAt(reinterpret_cast<uintptr_t>(p));
  if (p == nullptr) return CudaError(CUDA_ERROR_INVALID_VALUE, "the pointer is null");
  if (allocation == nullptr || allocation->kind() != Allocation::Kind::kRegistered) {
    return CudaError(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED, "no registered range begins here");
  }
  return Free(allocation);
}

absl::Status cuMemHostGetDevicePointer_v2(CUdeviceptr* pdptr, void* p, unsigned int Flags) {
  if (Flags != 0)
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are not 0 (", Flags, ")"));
  const Allocation* const allocation = FindHost(p);
  if (allocation == nullptr) return CudaError(CUDA_ERROR_INVALID_VALUE, "this is no pinned host memory");
  *pdptr = allocation->device_ptr() +
           (reinterpret_cast<uintptr_t>(p) - reinterpret_cast<uintptr_t>(allocation->host_ptr()));
  return absl::OkStatus();
}

// With unified addressing all pinned memory is mapped: the answer says so.
absl::Status cuMemHostGetFlags(unsigned int* pFlags, void* p) {
  const Allocation* const allocation = FindHost(p);
  if (allocation == nullptr || allocation->kind() != Allocation::Kind::kHost) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "this is no memory of cuMemHostAlloc");
  }
  *pFlags = allocation->flags() | CU_MEMHOSTALLOC_DEVICEMAP;
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
