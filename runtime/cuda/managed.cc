// Managed memory. On a device that shares the host's memory nothing ever moves: advice and prefetches are
// checked as documented and then have nothing to do.
#include "api/managed.h"

#include <cuda.h>

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/process.h"
#include "runtime/core/stream.h"

namespace tq::cuda::impl {

using core::Allocation;
using core::Context;
using core::CudaError;
using core::Process;

namespace {

// The range lies in managed memory, or in memory of the process that the device shares by the host's page
// tables.
absl::Status CheckRange(CUdeviceptr address, size_t bytes, const core::Device& device) {
  if (bytes == 0) return CudaError(CUDA_ERROR_INVALID_VALUE, "the range is empty");
  const Allocation* const allocation = Process::Get().address_space().Find(address);
  if (allocation == nullptr) {
    if (device.hal().Has(HAL_DEVICE_READS_HOST_MEMORY) && address != 0) return absl::OkStatus();
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("0x", absl::Hex(address), " is no managed memory"));
  }
  if (!allocation->is_managed() || bytes > allocation->size_bytes() - (address - allocation->device_ptr())) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the range at 0x", absl::Hex(address), " of ",
                                                            bytes, " bytes does not lie in managed memory"));
  }
  return absl::OkStatus();
}

absl::Status CheckLocation(const CUmemLocation& location) {
  switch (location.type) {
    case CU_MEM_LOCATION_TYPE_DEVICE:
      return Process::Get().DeviceAt(location.id).status();
    case CU_MEM_LOCATION_TYPE_HOST:
    case CU_MEM_LOCATION_TYPE_HOST_NUMA:
    case CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT:
      return absl::OkStatus();
    default:
      return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no memory location ", location.type));
  }
}

// What CU_DEVICE_CPU means to the older entry points.
CUmemLocation LocationOf(CUdevice device) {
  CUmemLocation location = {};
  location.type = device == CU_DEVICE_CPU ? CU_MEM_LOCATION_TYPE_HOST : CU_MEM_LOCATION_TYPE_DEVICE;
  location.id = device == CU_DEVICE_CPU ? 0 : device;
  return location;
}

}  // namespace

absl::Status cuMemAllocManaged(CUdeviceptr* dptr, size_t bytesize, unsigned int flags) {
  if (bytesize == 0 || (flags != CU_MEM_ATTACH_GLOBAL && flags != CU_MEM_ATTACH_HOST)) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, bytesize == 0
                                                   ? "the size of the allocation is 0"
                                                   : absl::StrCat("the flags are invalid (", flags, ")"));
  }
  Context& context = *Context::Current();
  ASSIGN_OR_RETURN(const int supported, context.device().Attribute(CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY));
  if (supported == 0) return CudaError(CUDA_ERROR_NOT_SUPPORTED, "the device has no managed memory");
  ASSIGN_OR_RETURN(std::unique_ptr<Allocation> allocation,
                   Allocation::Create(context, Allocation::Kind::kManaged, bytesize, flags));
  *dptr = context.Adopt(std::move(allocation))->device_ptr();
  return absl::OkStatus();
}

absl::Status cuMemAdvise_v2(CUdeviceptr devPtr, size_t count, CUmem_advise advice, CUmemLocation location) {
  if (advice < CU_MEM_ADVISE_SET_READ_MOSTLY || advice > CU_MEM_ADVISE_UNSET_ACCESSED_BY) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no advice ", advice));
  }
  RETURN_IF_ERROR(CheckRange(devPtr, count, Context::Current()->device()));
  // The location of the read-mostly advice and of unsetting the preferred one is ignored.
  const bool has_location = advice == CU_MEM_ADVISE_SET_PREFERRED_LOCATION ||
                            advice == CU_MEM_ADVISE_SET_ACCESSED_BY ||
                            advice == CU_MEM_ADVISE_UNSET_ACCESSED_BY;
  if (has_location) RETURN_IF_ERROR(CheckLocation(location));
  Allocation* const allocation = Process::Get().address_space().Find(devPtr);
  if (allocation != nullptr) allocation->Advise(advice, location);
  return absl::OkStatus();
}

absl::Status cuMemAdvise(CUdeviceptr devPtr, size_t count, CUmem_advise advice, CUdevice device) {
  return impl::cuMemAdvise_v2(devPtr, count, advice, LocationOf(device));
}

absl::Status cuMemPrefetchAsync_v2(CUdeviceptr devPtr, size_t count, CUmemLocation location,
                                   unsigned int flags, core::Stream& hStream) {
  if (flags != 0)
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are not 0 (", flags, ")"));
  RETURN_IF_ERROR(CheckRange(devPtr, count, hStream.context().device()));
  RETURN_IF_ERROR(CheckLocation(location));
  Allocation* const allocation = Process::Get().address_space().Find(devPtr);
  if (allocation != nullptr) allocation->NotePrefetch(location);
  return absl::OkStatus();
}

absl::Status cuMemPrefetchAsync(CUdeviceptr devPtr, size_t count, CUdevice dstDevice, core::Stream& hStream) {
  return impl::cuMemPrefetchAsync_v2(devPtr, count, LocationOf(dstDevice), 0, hStream);
}

namespace {

struct Batch {
  const CUdeviceptr* addresses;
  const size_t* sizes;
  size_t count;
};

absl::Status CheckBatch(const Batch& batch, unsigned long long flags, const core::Stream& stream) {
  if (batch.count == 0 || flags != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the batch is empty or its flags are not 0 (", flags, ")"));
  }
  for (size_t i = 0; i < batch.count; ++i) {
    RETURN_IF_ERROR(CheckRange(batch.addresses[i], batch.sizes[i], stream.context().device()));
  }
  return absl::OkStatus();
}

// A location holds for the ranges from its index to the next one's.
absl::Status Prefetch(const Batch& batch, const CUmemLocation* locations, const size_t* indices,
                      size_t location_count) {
  if (location_count == 0 || location_count > batch.count || indices[0] != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the first range has no location");
  }
  for (size_t i = 0; i < location_count; ++i) {
    RETURN_IF_ERROR(CheckLocation(locations[i]));
    if (i != 0 && (indices[i] <= indices[i - 1] || indices[i] >= batch.count)) {
      return CudaError(
          CUDA_ERROR_INVALID_VALUE,
          absl::StrCat("the indices of locations do not rise within the batch (", indices[i], ")"));
    }
  }
  size_t location = 0;
  for (size_t i = 0; i < batch.count; ++i) {
    if (location + 1 < location_count && indices[location + 1] == i) ++location;
    Allocation* const allocation = Process::Get().address_space().Find(batch.addresses[i]);
    if (allocation != nullptr) allocation->NotePrefetch(locations[location]);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status cuMemPrefetchBatchAsync(CUdeviceptr* dptrs, size_t* sizes, size_t count,
                                     CUmemLocation* prefetchLocs, size_t* prefetchLocIdxs,
                                     size_t numPrefetchLocs, unsigned long long flags,
                                     core::Stream& hStream) {
  const Batch batch = {dptrs, sizes, count};
  RETURN_IF_ERROR(CheckBatch(batch, flags, hStream));
  return Prefetch(batch, prefetchLocs, prefetchLocIdxs, numPrefetchLocs);
}

// What a discarded range holds is not defined until it is written: what it held before will do.
absl::Status cuMemDiscardBatchAsync(CUdeviceptr* dptrs, size_t* sizes, size_t count, unsigned long long flags,
                                    core::Stream& hStream) {
  return CheckBatch({dptrs, sizes, count}, flags, hStream);
}

absl::Status cuMemDiscardAndPrefetchBatchAsync(CUdeviceptr* dptrs, size_t* sizes, size_t count,
                                               CUmemLocation* prefetchLocs, size_t* prefetchLocIdxs,
                                               size_t numPrefetchLocs, unsigned long long flags,
                                               core::Stream& hStream) {
  return impl::cuMemPrefetchBatchAsync(dptrs, sizes, count, prefetchLocs, prefetchLocIdxs, numPrefetchLocs,
                                       flags, hStream);
}

// Which stream may use the memory restricts nothing here; the checks remain.
absl::Status cuStreamAttachMemAsync(core::Stream& hStream, CUdeviceptr dptr, size_t length,
                                    unsigned int flags) {
  if (flags != CU_MEM_ATTACH_GLOBAL && flags != CU_MEM_ATTACH_HOST && flags != CU_MEM_ATTACH_SINGLE) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are invalid (", flags, ")"));
  }
  const Allocation* const allocation = Process::Get().address_space().Find(dptr);
  const bool reachable = hStream.context().device().hal().Has(HAL_DEVICE_READS_HOST_MEMORY);
  if (allocation == nullptr ? !reachable : !allocation->is_managed()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("0x", absl::Hex(dptr), " is no managed memory"));
  }
  return absl::OkStatus();
}

namespace {

// One attribute of a range of managed memory (cuMemRangeGetAttribute).
absl::Status GetRangeAttribute(void* data, size_t size, CUmem_range_attribute attribute,
                               const Allocation& allocation) {
  const core::MemoryAdvice advice = allocation.advice();
  if (attribute == CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY) {
    if (size == 0 || size % sizeof(int) != 0) {
      return CudaError(CUDA_ERROR_INVALID_VALUE,
                       absl::StrCat("the result's size is no multiple of 4 (", size, ")"));
    }
    int* const out = static_cast<int*>(data);
    for (size_t i = 0; i < size / sizeof(int); ++i) {
      out[i] = i < advice.accessed_by.size() ? advice.accessed_by[i] : CU_DEVICE_INVALID;
    }
    return absl::OkStatus();
  }
  if (size != sizeof(int)) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the result's size is not 4 (", size, ")"));
  }
  int* const out = static_cast<int*>(data);
  switch (attribute) {
    case CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY:
      *out = advice.read_mostly;
      return absl::OkStatus();
    case CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION:
      *out = advice.preferred_location;
      return absl::OkStatus();
    case CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION:
      *out = advice.last_prefetch_location;
      return absl::OkStatus();
    case CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_TYPE:
      *out = core::LocationTypeOf(advice.preferred_location);
      return absl::OkStatus();
    case CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_ID:
      *out = advice.preferred_location;
      return absl::OkStatus();
    case CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_TYPE:
      *out = core::LocationTypeOf(advice.last_prefetch_location);
      return absl::OkStatus();
    case CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_ID:
      *out = advice.last_prefetch_location;
      return absl::OkStatus();
    default:
      return CudaError(CUDA_ERROR_INVALID_VALUE,
                       absl::StrCat("there is no attribute ", attribute, " of memory ranges"));
  }
}

}  // namespace

absl::Status cuMemRangeGetAttributes(void** data, size_t* dataSizes, CUmem_range_attribute* attributes,
                                     size_t numAttributes, CUdeviceptr devPtr, size_t count) {
  const Allocation* const allocation = Process::Get().address_space().Find(devPtr);
  if (allocation == nullptr || !allocation->is_managed() || count == 0 || numAttributes == 0 ||
      count > allocation->size_bytes() - (devPtr - allocation->device_ptr())) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the range at 0x", absl::Hex(devPtr), " does not lie in managed memory"));
  }
  for (size_t i = 0; i < numAttributes; ++i) {
    RETURN_IF_ERROR(GetRangeAttribute(data[i], dataSizes[i], attributes[i], *allocation));
  }
  return absl::OkStatus();
}

absl::Status cuMemRangeGetAttribute(void* data, size_t dataSize, CUmem_range_attribute attribute,
                                    CUdeviceptr devPtr, size_t count) {
  if (data == nullptr) return CudaError(CUDA_ERROR_INVALID_VALUE, "the result has no place");
  return impl::cuMemRangeGetAttributes(&data, &dataSize, &attribute, 1, devPtr, count);
}

}  // namespace tq::cuda::impl
