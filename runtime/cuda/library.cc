// runtime/api/library.td: CUDA driver API, "Library Management".
#include "api/library.h"

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"
#include "runtime/core/function.h"
#include "runtime/core/jit_options.h"
#include "runtime/core/kernel.h"
#include "runtime/core/library.h"
#include "runtime/core/linker.h"
#include "runtime/core/module.h"
#include "runtime/cuda/code_loading.h"

namespace tq::cuda::impl {
namespace {

// CU_LIBRARY_BINARY_IS_PRESERVED: the caller keeps the image, as cudart does with what is linked into the
// program.
absl::StatusOr<fatbin::Text::Storage> StorageOf(const CUlibraryOption* options, void** values,
                                                unsigned count) {
  if (count != 0 && options == nullptr) {
    return core::CudaError(CUDA_ERROR_INVALID_VALUE, "there is no list for the library options");
  }
  auto storage = fatbin::Text::Storage::kCopy;
  for (unsigned i = 0; i < count; ++i) {
    if (options[i] < 0 || options[i] >= CU_LIBRARY_NUM_OPTIONS) {
      return core::CudaError(
          CUDA_ERROR_INVALID_VALUE,
          absl::StrCat("there is no library option of that number (", static_cast<int>(options[i]), ")"));
    }
    // The value may be left out: the option's presence says it.
    const bool is_set = values == nullptr || values[i] != nullptr;
    if (options[i] == CU_LIBRARY_BINARY_IS_PRESERVED && is_set) storage = fatbin::Text::Storage::kBorrow;
  }
  return storage;
}

absl::Status Load(CUlibrary* library, const ImageSource& source, fatbin::Text::Storage storage,
                  core::JitRequest& request) {
  ASSIGN_OR_RETURN(auto code, LoadCode(source, storage, request));
  auto loaded = std::make_unique<core::Library>(std::move(code));
  core::Context* const context = core::Context::Current();
  if (context != nullptr && context->active() && request.error().wanted()) {
    ASSIGN_OR_RETURN(core::Module* const module, loaded->ModuleIn(*context));
    RETURN_IF_ERROR(CompileIfExpected(*module, request));
  }
  *library = loaded.release()->handle();  // until cuLibraryUnload
  return absl::OkStatus();
}

absl::StatusOr<core::Module*> ModuleHere(core::Library& library) {
  ASSIGN_OR_RETURN(core::Context* const context, core::Context::CurrentChecked());
  return library.ModuleIn(*context);
}

}  // namespace

absl::Status cuLibraryLoadData(CUlibrary* library, const void* code, CUjit_option* jitOptions,
                               void** jitOptionsValues, unsigned int numJitOptions,
                               CUlibraryOption* libraryOptions, void** libraryOptionValues,
                               unsigned int numLibraryOptions) {
  ASSIGN_OR_RETURN(core::JitRequest request,
                   core::JitRequest::Parse(numJitOptions, jitOptions, jitOptionsValues));
  ASSIGN_OR_RETURN(const auto storage, StorageOf(libraryOptions, libraryOptionValues, numLibraryOptions));
  const absl::Status status = Load(library, ImageSource::FromPointer(code), storage, request);
  request.Finish();
  return status;
}

absl::Status cuLibraryLoadFromFile(CUlibrary* library, const char* fileName, CUjit_option* jitOptions,
                                   void** jitOptionsValues, unsigned int numJitOptions,
                                   CUlibraryOption* libraryOptions, void** libraryOptionValues,
                                   unsigned int numLibraryOptions) {
  ASSIGN_OR_RETURN(core::JitRequest request,
                   core::JitRequest::Parse(numJitOptions, jitOptions, jitOptionsValues));
  RETURN_IF_ERROR(StorageOf(libraryOptions, libraryOptionValues, numLibraryOptions));
  ASSIGN_OR_RETURN(const std::vector<uint8_t> bytes, core::ReadFile(fileName));
  const absl::Status status =
      Load(library, ImageSource::FromBytes(bytes), fatbin::Text::Storage::kCopy, request);
  request.Finish();
  return status;
}

absl::Status cuLibraryUnload(core::Library& library) {
  delete &library;
  return absl::OkStatus();
}

absl::Status cuLibraryGetKernel(CUkernel* pKernel, core::Library& library, const char* name) {
  ASSIGN_OR_RETURN(core::Kernel* const kernel, library.GetKernel(name));
  *pKernel = kernel->handle();
  return absl::OkStatus();
}

absl::Status cuLibraryGetKernelCount(unsigned int* count, core::Library& lib) {
  *count = static_cast<unsigned>(lib.code().kernels().size());
  return absl::OkStatus();
}

absl::Status cuLibraryEnumerateKernels(CUkernel* kernels, unsigned int numKernels, core::Library& lib) {
  const std::vector<core::Kernel*> found = lib.Kernels(numKernels);
  for (size_t i = 0; i < found.size(); ++i) kernels[i] = found[i]->handle();
  return absl::OkStatus();
}

absl::Status cuLibraryGetModule(CUmodule* pMod, core::Library& library) {
  ASSIGN_OR_RETURN(core::Module* const module, ModuleHere(library));
  *pMod = module->handle();
  return absl::OkStatus();
}

absl::Status cuKernelGetFunction(CUfunction* pFunc, core::Kernel& kernel) {
  ASSIGN_OR_RETURN(core::Context* const context, core::Context::CurrentChecked());
  ASSIGN_OR_RETURN(core::Function* const function, kernel.In(*context));
  *pFunc = function->handle();
  return absl::OkStatus();
}

absl::Status cuKernelGetLibrary(CUlibrary* pLib, core::Kernel& kernel) {
  *pLib = kernel.library().handle();
  return absl::OkStatus();
}

absl::Status cuLibraryGetGlobal(CUdeviceptr* dptr, size_t* bytes, core::Library& library, const char* name) {
  ASSIGN_OR_RETURN(core::Module* const module, ModuleHere(library));
  uint64_t size_bytes = 0;
  ASSIGN_OR_RETURN(core::Allocation* const variable, module->program().FindVariable(name, &size_bytes));
  if (dptr != nullptr) *dptr = variable->device_ptr();
  if (bytes != nullptr) *bytes = size_bytes;
  return absl::OkStatus();
}

absl::Status cuLibraryGetManaged(CUdeviceptr* dptr, size_t* bytes, core::Library& library, const char* name) {
  ASSIGN_OR_RETURN(core::Module* const module, library.ManagedHome());
  uint64_t size_bytes = 0;
  ASSIGN_OR_RETURN(core::Allocation* const variable, module->program().FindVariable(name, &size_bytes));
  if (variable->kind() != core::Allocation::Kind::kManaged) {
    return core::CudaError(CUDA_ERROR_NOT_FOUND, absl::StrCat("the variable ", name, " is not __managed__"));
  }
  if (dptr != nullptr) *dptr = variable->device_ptr();
  if (bytes != nullptr) *bytes = size_bytes;
  return absl::OkStatus();
}

absl::Status cuKernelGetAttribute(int* pi, CUfunction_attribute attrib, core::Kernel& kernel,
                                  core::Device& dev) {
  ASSIGN_OR_RETURN(*pi, kernel.Attribute(attrib, dev));
  return absl::OkStatus();
}

absl::Status cuKernelSetAttribute(CUfunction_attribute attrib, int val, core::Kernel& kernel,
                                  core::Device& dev) {
  return kernel.SetAttribute(attrib, val, dev);
}

absl::Status cuKernelSetCacheConfig(core::Kernel& kernel, CUfunc_cache config, core::Device& dev) {
  return kernel.SetCacheConfig(config, dev);
}

absl::Status cuKernelGetName(const char** name, core::Kernel& hfunc) {
  *name = hfunc.name();
  return absl::OkStatus();
}

absl::Status cuKernelGetParamInfo(core::Kernel& kernel, size_t paramIndex, size_t* paramOffset,
                                  size_t* paramSize) {
  return ParameterInfo(kernel.parameters(), paramIndex, paramOffset, paramSize);
}

// Functions that host and device both call: no device has them
// (CU_DEVICE_ATTRIBUTE_UNIFIED_FUNCTION_POINTERS).
absl::Status cuLibraryGetUnifiedFunction(void** fptr, core::Library& library, const char* symbol) {
  return core::CudaError(CUDA_ERROR_NOT_FOUND, absl::StrCat("no device has a unified function ", symbol));
}

}  // namespace tq::cuda::impl
