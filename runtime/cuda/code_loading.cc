#include "runtime/cuda/code_loading.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"
#include "runtime/fatbin/read.h"

namespace tq::cuda {
namespace {

constexpr size_t kMaxKernelsCompiledAtLoad = 16;

}  // namespace

absl::StatusOr<fatbin::Container> ImageSource::Read() const {
  if (image_ == nullptr && bytes_.data() == nullptr)
    return core::CudaError(CUDA_ERROR_INVALID_VALUE, "the image is null");
  auto container = image_ != nullptr ? fatbin::ReadPointer(image_) : fatbin::ReadBytes(bytes_);
  if (!container.ok())
    return core::CudaError(CUDA_ERROR_INVALID_IMAGE, std::string(container.status().message()));
  return container;
}

absl::StatusOr<std::shared_ptr<const core::Code>> LoadCode(const ImageSource& source,
                                                           fatbin::Text::Storage storage,
                                                           core::JitRequest& request) {
  ASSIGN_OR_RETURN(const fatbin::Container container, source.Read());
  auto code = core::Code::Load(container, storage, request.options());
  if (!code.ok()) request.error().Append(absl::StrCat(code.status().message(), "\n"));
  return code;
}

absl::Status CompileIfExpected(core::Module& module, core::JitRequest& request) {
  const core::Code& code = module.code();
  if (code.kernels().size() > kMaxKernelsCompiledAtLoad) return absl::OkStatus();
  if (!request.error().wanted() && !code.is_text()) return absl::OkStatus();
  return module.CompileAll(request.error());
}

absl::StatusOr<core::Module*> LoadModule(core::Context& context, const ImageSource& source,
                                         core::JitRequest& request) {
  ASSIGN_OR_RETURN(auto code, LoadCode(source, fatbin::Text::Storage::kCopy, request));
  core::Module* const module = core::Module::Create(context, std::move(code));
  if (absl::Status status = CompileIfExpected(*module, request); !status.ok()) {
    (void)core::Module::Unload(module);
    return status;
  }
  return module;
}

absl::Status ParameterInfo(std::span<const ptx::IndexedParameter> parameters, size_t index, size_t* offset,
                           size_t* size) {
  if (index >= parameters.size()) {
    return core::CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no parameter ", index, " (",
                                                                  parameters.size(), " parameters)"));
  }
  *offset = parameters[index].offset_bytes;
  if (size != nullptr) *size = parameters[index].size_bytes;
  return absl::OkStatus();
}

}  // namespace tq::cuda
