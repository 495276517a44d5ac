// The part of runtime/api/launch.td that asks about functions: CUDA driver API, "Execution Control".
#include "runtime/core/function.h"

#include "absl/strings/str_cat.h"
#include "api/launch.h"
#include "base/status.h"
#include "runtime/core/error.h"
#include "runtime/core/module.h"
#include "runtime/cuda/code_loading.h"

namespace tq::cuda::impl {

absl::Status cuFuncGetAttribute(int* pi, CUfunction_attribute attrib, core::Function& hfunc) {
  ASSIGN_OR_RETURN(*pi, hfunc.Attribute(attrib));
  return absl::OkStatus();
}

absl::Status cuFuncSetAttribute(core::Function& hfunc, CUfunction_attribute attrib, int value) {
  return hfunc.SetAttribute(attrib, value);
}

absl::Status cuFuncSetCacheConfig(core::Function& hfunc, CUfunc_cache config) {
  return hfunc.SetCacheConfig(config);
}

// Banks are fixed on devices of compute capability 5 and above: any configuration is accepted.
absl::Status cuFuncSetSharedMemConfig(core::Function& hfunc, CUsharedconfig config) {
  if (config < CU_SHARED_MEM_CONFIG_DEFAULT_BANK_SIZE || config > CU_SHARED_MEM_CONFIG_EIGHT_BYTE_BANK_SIZE) {
    return core::CudaError(CUDA_ERROR_INVALID_VALUE,
                           absl::StrCat("there is no shared memory configuration ", config));
  }
  return absl::OkStatus();
}

absl::Status cuFuncGetModule(CUmodule* hmod, core::Function& hfunc) {
  *hmod = hfunc.module().handle();
  return absl::OkStatus();
}

absl::Status cuFuncGetName(const char** name, core::Function& hfunc) {
  *name = hfunc.name();
  return absl::OkStatus();
}

absl::Status cuFuncGetParamInfo(core::Function& func, size_t paramIndex, size_t* paramOffset,
                                size_t* paramSize) {
  return ParameterInfo(func.parameters(), paramIndex, paramOffset, paramSize);
}

absl::Status cuFuncIsLoaded(CUfunctionLoadingState* state, core::Function& function) {
  *state =
      function.loaded() != nullptr ? CU_FUNCTION_LOADING_STATE_LOADED : CU_FUNCTION_LOADING_STATE_UNLOADED;
  return absl::OkStatus();
}

absl::Status cuFuncLoad(core::Function& function) { return function.Load().status(); }

}  // namespace tq::cuda::impl
