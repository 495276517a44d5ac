// The linker's part of runtime/api/module.td: CUDA driver API, "Module Management", cuLink*.
#include "runtime/core/linker.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "api/module.h"
#include "base/status.h"
#include "runtime/core/error.h"

namespace tq::cuda::impl {
namespace {

// What goes wrong is told to the buffers that cuLinkCreate got.
absl::Status Report(core::Linker& linker, absl::Status status) {
  if (!status.ok()) linker.request().error().Append(absl::StrCat(status.message(), "\n"));
  linker.request().Finish();
  return status;
}

}  // namespace

absl::Status cuLinkCreate_v2(unsigned int numOptions, CUjit_option* options, void** optionValues,
                             CUlinkState* stateOut) {
  ASSIGN_OR_RETURN(core::JitRequest request, core::JitRequest::Parse(numOptions, options, optionValues));
  *stateOut = std::make_unique<core::Linker>(std::move(request)).release()->handle();  // until cuLinkDestroy
  return absl::OkStatus();
}

absl::Status cuLinkAddData_v2(core::Linker& state, CUjitInputType type, void* data, size_t size,
                              const char* name, unsigned int numOptions, CUjit_option* options,
                              void** optionValues) {
  RETURN_IF_ERROR(core::JitRequest::Parse(numOptions, options, optionValues));
  if (data == nullptr) return core::CudaError(CUDA_ERROR_INVALID_VALUE, "the input is null");
  return Report(state,
                state.Add(type, {static_cast<const uint8_t*>(data), size}, name != nullptr ? name : ""));
}

absl::Status cuLinkAddFile_v2(core::Linker& state, CUjitInputType type, const char* path,
                              unsigned int numOptions, CUjit_option* options, void** optionValues) {
  RETURN_IF_ERROR(core::JitRequest::Parse(numOptions, options, optionValues));
  return Report(state, state.AddFile(type, path));
}

absl::Status cuLinkComplete(core::Linker& state, void** cubinOut, size_t* sizeOut) {
  const auto image = state.Complete();
  RETURN_IF_ERROR(Report(state, image.status()));
  *cubinOut = const_cast<uint8_t*>(image->data());
  if (sizeOut != nullptr) *sizeOut = image->size();
  return absl::OkStatus();
}

absl::Status cuLinkDestroy(core::Linker& state) {
  delete &state;
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
