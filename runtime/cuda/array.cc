#include "runtime/core/array.h"

#include <cuda.h>

#include <memory>
#include <utility>

#include "api/array.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"

namespace tq::cuda::impl {

using core::Array;
using core::Context;
using core::CudaError;
using core::MipmappedArray;

absl::Status cuArray3DCreate_v2(CUarray* pHandle, const CUDA_ARRAY3D_DESCRIPTOR* pAllocateArray) {
  Context& context = *Context::Current();
  ASSIGN_OR_RETURN(std::unique_ptr<Array> array, Array::Create(context, *pAllocateArray));
  *pHandle = context.Adopt(std::move(array))->handle<CUarray>();
  return absl::OkStatus();
}

absl::Status cuArrayCreate_v2(CUarray* pHandle, const CUDA_ARRAY_DESCRIPTOR* pAllocateArray) {
  CUDA_ARRAY3D_DESCRIPTOR descriptor = {};
  descriptor.Width = pAllocateArray->Width;
  descriptor.Height = pAllocateArray->Height;
  descriptor.Format = pAllocateArray->Format;
  descriptor.NumChannels = pAllocateArray->NumChannels;
  return impl::cuArray3DCreate_v2(pHandle, &descriptor);
}

absl::Status cuArray3DGetDescriptor_v2(CUDA_ARRAY3D_DESCRIPTOR* pArrayDescriptor, Array& hArray) {
  *pArrayDescriptor = hArray.descriptor();
  return absl::OkStatus();
}

absl::Status cuArrayGetDescriptor_v2(CUDA_ARRAY_DESCRIPTOR* pArrayDescriptor, Array& hArray) {
  const CUDA_ARRAY3D_DESCRIPTOR& descriptor = hArray.descriptor();
  *pArrayDescriptor = {};
  pArrayDescriptor->Width = descriptor.Width;
  pArrayDescriptor->Height = descriptor.Height;
  pArrayDescriptor->Format = descriptor.Format;
  pArrayDescriptor->NumChannels = descriptor.NumChannels;
  return absl::OkStatus();
}

absl::Status cuArrayDestroy(Array& hArray) {
  if (hArray.is_part()) {
    return CudaError(CUDA_ERROR_INVALID_HANDLE, "the array is a level or a plane of another");
  }
  RETURN_IF_ERROR(hArray.context().Synchronize());
  hArray.context().Release(&hArray).reset();
  return absl::OkStatus();
}

absl::Status cuArrayGetPlane(CUarray* pPlaneArray, Array& hArray, unsigned int planeIdx) {
  ASSIGN_OR_RETURN(const Array* const plane, hArray.PlaneAt(planeIdx));
  *pPlaneArray = plane->handle<CUarray>();
  return absl::OkStatus();
}

absl::Status cuMipmappedArrayCreate(CUmipmappedArray* pHandle,
                                    const CUDA_ARRAY3D_DESCRIPTOR* pMipmappedArrayDesc,
                                    unsigned int numMipmapLevels) {
  Context& context = *Context::Current();
  ASSIGN_OR_RETURN(std::unique_ptr<MipmappedArray> mipmap,
                   MipmappedArray::Create(context, *pMipmappedArrayDesc, numMipmapLevels));
  *pHandle = context.Adopt(std::move(mipmap))->handle<CUmipmappedArray>();
  return absl::OkStatus();
}

absl::Status cuMipmappedArrayGetLevel(CUarray* pLevelArray, MipmappedArray& hMipmappedArray,
                                      unsigned int level) {
  ASSIGN_OR_RETURN(const Array* const array, hMipmappedArray.Level(level));
  *pLevelArray = array->handle<CUarray>();
  return absl::OkStatus();
}

absl::Status cuMipmappedArrayDestroy(MipmappedArray& hMipmappedArray) {
  Context& context = hMipmappedArray.context();
  RETURN_IF_ERROR(context.Synchronize());
  context.Release(&hMipmappedArray).reset();
  return absl::OkStatus();
}

// Sparse arrays and those of deferred mapping cannot be made here (device attributes), and of all others CUDA
// says CUDA_ERROR_INVALID_VALUE.
namespace {

absl::Status NotSparse() { return CudaError(CUDA_ERROR_INVALID_VALUE, "the array is not sparse"); }
absl::Status NotDeferred() {
  return CudaError(CUDA_ERROR_INVALID_VALUE, "the array was made without CUDA_ARRAY3D_DEFERRED_MAPPING");
}

}  // namespace

absl::Status cuArrayGetSparseProperties(CUDA_ARRAY_SPARSE_PROPERTIES*, Array&) { return NotSparse(); }
absl::Status cuMipmappedArrayGetSparseProperties(CUDA_ARRAY_SPARSE_PROPERTIES*, MipmappedArray&) {
  return NotSparse();
}
absl::Status cuArrayGetMemoryRequirements(CUDA_ARRAY_MEMORY_REQUIREMENTS*, Array&, core::Device&) {
  return NotDeferred();
}
absl::Status cuMipmappedArrayGetMemoryRequirements(CUDA_ARRAY_MEMORY_REQUIREMENTS*, MipmappedArray&,
                                                   core::Device&) {
  return NotDeferred();
}

}  // namespace tq::cuda::impl
