#include "runtime/core/prepared_launch.h"

#include <cuda.h>

#include "absl/strings/str_cat.h"
#include "api/launch.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"
#include "runtime/core/function.h"
#include "runtime/core/stream.h"
#include "runtime/core/texture_reference.h"

namespace tq::cuda::impl {

using core::CudaError;
using core::Function;

absl::Status cuFuncSetBlockShape(Function& hfunc, int x, int y, int z) {
  return hfunc.prepared_launch().SetBlock(x, y, z);
}

absl::Status cuFuncSetSharedSize(Function& hfunc, unsigned int bytes) {
  hfunc.prepared_launch().SetShared(bytes);
  return absl::OkStatus();
}

absl::Status cuParamSetSize(Function& hfunc, unsigned int numbytes) {
  return hfunc.prepared_launch().SetParamSize(numbytes);
}

absl::Status cuParamSeti(Function& hfunc, int offset, unsigned int value) {
  return hfunc.prepared_launch().SetParam(offset, &value, sizeof value);
}

absl::Status cuParamSetf(Function& hfunc, int offset, float value) {
  return hfunc.prepared_launch().SetParam(offset, &value, sizeof value);
}

absl::Status cuParamSetv(Function& hfunc, int offset, void* ptr, unsigned int numbytes) {
  if (ptr == nullptr && numbytes != 0) return CudaError(CUDA_ERROR_INVALID_VALUE, "ptr is null");
  return hfunc.prepared_launch().SetParam(offset, ptr, numbytes);
}

// What kernels read is bound to the reference itself: there is nothing to add to the arguments.
absl::Status cuParamSetTexRef(Function&, int texunit, core::TextureReference& hTexRef) {
  if (texunit != CU_PARAM_TR_DEFAULT || !hTexRef.is_of_module()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the texture unit is not CU_PARAM_TR_DEFAULT (",
                                                            texunit, "), or no module has the reference"));
  }
  return absl::OkStatus();
}

absl::Status cuLaunchGridAsync(Function& f, int grid_width, int grid_height, core::Stream& hStream) {
  return f.prepared_launch().Launch(f, hStream, grid_width, grid_height);
}

absl::Status cuLaunchGrid(Function& f, int grid_width, int grid_height) {
  return impl::cuLaunchGridAsync(f, grid_width, grid_height, core::Context::Current()->legacy_stream());
}

absl::Status cuLaunch(Function& f) { return impl::cuLaunchGrid(f, 1, 1); }

}  // namespace tq::cuda::impl
