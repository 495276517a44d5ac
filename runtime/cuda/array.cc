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
  RETURN_IF_ERROR(hArray.context().Synchronize());
  hArray.context().Release(&hArray).reset();
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
