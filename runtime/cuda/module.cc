// runtime/api/module.td, without the linker: CUDA driver API, "Module Management".
#include "api/module.h"

#include <vector>

#include "base/status.h"
#include "runtime/core/code.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"
#include "runtime/core/jit_options.h"
#include "runtime/core/linker.h"
#include "runtime/core/module.h"
#include "runtime/cuda/code_loading.h"

namespace tq::cuda::impl {

absl::Status cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned int numOptions,
                                CUjit_option* options, void** optionValues) {
  ASSIGN_OR_RETURN(core::JitRequest request, core::JitRequest::Parse(numOptions, options, optionValues));
  ASSIGN_OR_RETURN(core::Context* const context, core::Context::CurrentChecked());
  const auto loaded = LoadModule(*context, ImageSource::FromPointer(image), request);
  request.Finish();
  RETURN_IF_ERROR(loaded);
  *module = (*loaded)->handle();
  return absl::OkStatus();
}

absl::Status cuModuleLoadData(CUmodule* module, const void* image) {
  return impl::cuModuleLoadDataEx(module, image, 0, nullptr, nullptr);
}

absl::Status cuModuleLoadFatBinary(CUmodule* module, const void* fatCubin) {
  return impl::cuModuleLoadDataEx(module, fatCubin, 0, nullptr, nullptr);
}

absl::Status cuModuleLoad(CUmodule* module, const char* fname) {
  ASSIGN_OR_RETURN(const std::vector<uint8_t> bytes, core::ReadFile(fname));
  ASSIGN_OR_RETURN(core::JitRequest request, core::JitRequest::Parse(0, nullptr, nullptr));
  ASSIGN_OR_RETURN(core::Context* const context, core::Context::CurrentChecked());
  ASSIGN_OR_RETURN(core::Module* const loaded, LoadModule(*context, ImageSource::FromBytes(bytes), request));
  *module = loaded->handle();
  return absl::OkStatus();
}

absl::Status cuModuleUnload(core::Module& hmod) {
  if (hmod.is_of_library()) {
    return core::CudaError(CUDA_ERROR_NOT_PERMITTED, "the module is of a library, which unloads it");
  }
  return core::Module::Unload(&hmod);
}

absl::Status cuModuleGetLoadingMode(CUmoduleLoadingMode* mode) {
  *mode = CU_MODULE_LAZY_LOADING;
  return absl::OkStatus();
}

absl::Status cuModuleGetFunction(CUfunction* hfunc, core::Module& hmod, const char* name) {
  ASSIGN_OR_RETURN(core::Function* const function, hmod.GetFunction(name));
  *hfunc = function->handle();
  return absl::OkStatus();
}

absl::Status cuModuleGetFunctionCount(unsigned int* count, core::Module& mod) {
  *count = static_cast<unsigned>(mod.code().kernels().size());
  return absl::OkStatus();
}

absl::Status cuModuleEnumerateFunctions(CUfunction* functions, unsigned int numFunctions, core::Module& mod) {
  ASSIGN_OR_RETURN(const std::vector<core::Function*> found, mod.Functions(numFunctions));
  for (size_t i = 0; i < found.size(); ++i) functions[i] = found[i]->handle();
  return absl::OkStatus();
}

absl::Status cuModuleGetGlobal_v2(CUdeviceptr* dptr, size_t* bytes, core::Module& hmod, const char* name) {
  uint64_t size_bytes = 0;
  ASSIGN_OR_RETURN(core::Allocation* const variable, hmod.program().FindVariable(name, &size_bytes));
  if (dptr != nullptr) *dptr = variable->device_ptr();
  if (bytes != nullptr) *bytes = size_bytes;
  return absl::OkStatus();
}

absl::Status cuModuleGetTexRef(CUtexref* pTexRef, core::Module& hmod, const char* name) {
  ASSIGN_OR_RETURN(const core::TextureReference* const reference, hmod.GetTextureReference(name));
  *pTexRef = reference->handle();
  return absl::OkStatus();
}

absl::Status cuModuleGetSurfRef(CUsurfref* pSurfRef, core::Module& hmod, const char* name) {
  ASSIGN_OR_RETURN(const core::SurfaceReference* const reference, hmod.GetSurfaceReference(name));
  *pSurfRef = reference->handle();
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
