#include "runtime/core/module.h"

#include "absl/strings/str_cat.h"
#include "api/resolve.h"
#include "base/status.h"
#include "runtime/core/error.h"
#include "runtime/core/library.h"

namespace tq::core {

Module::Module(Context& context, std::shared_ptr<const Code> code, Library* library)
    : context_(context), library_(library), program_(context, std::move(code)) {
  program_.set_module(*this);
}

Module* Module::Create(Context& context, std::shared_ptr<const Code> code, Library* library) {
  return context.Adopt(std::unique_ptr<Module>(new Module(context, std::move(code), library)));
}

Module::~Module() { Library::Unlink(this); }

absl::Status Module::Unload(Module* module) {
  // Work in flight may use its variables; its code the backend keeps by itself. A poisoned context has none.
  Context& context = module->context_;
  if (module->program_.has_variables()) (void)context.Synchronize();
  const std::unique_ptr<ContextChild> last = context.Release(module);
  if (last == nullptr) return CudaError(CUDA_ERROR_INVALID_HANDLE, "the module is being unloaded already");
  return absl::OkStatus();
}

absl::StatusOr<Function*> Module::GetFunction(std::string_view name, const Kernel* kernel,
                                              const LaunchSettings& settings) {
  const std::lock_guard lock(mutex_);
  if (const auto found = functions_.find(name); found != functions_.end()) return found->second.get();
  ASSIGN_OR_RETURN(const KernelLocation location, code().FindKernel(name));
  auto function = std::make_unique<Function>(*this, kernel, location, settings);
  return functions_.emplace(std::string(name), std::move(function)).first->second.get();
}

namespace {

template <typename Reference>
using References = std::map<std::string, std::unique_ptr<Reference>, std::less<>>;

template <typename Reference>
absl::StatusOr<Reference*> FindReference(Module& module, References<Reference>& references, ptx::Type type,
                                         std::string_view name) {
  if (const auto found = references.find(name); found != references.end()) return found->second.get();
  if (module.program().TypeOf(name) != type) {
    return CudaError(CUDA_ERROR_NOT_FOUND, absl::StrCat("the module has no reference named ",
                                                        absl::string_view(name.data(), name.size())));
  }
  uint64_t size_bytes = 0;
  ASSIGN_OR_RETURN(Allocation* const variable, module.program().FindVariable(name, &size_bytes));
  auto reference = std::make_unique<Reference>(module.context(), variable);
  return references.emplace(std::string(name), std::move(reference)).first->second.get();
}

}  // namespace

absl::StatusOr<TextureReference*> Module::GetTextureReference(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return FindReference(*this, texture_references_, ptx::Type::kTexref, name);
}

absl::StatusOr<SurfaceReference*> Module::GetSurfaceReference(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return FindReference(*this, surface_references_, ptx::Type::kSurfref, name);
}

absl::StatusOr<std::vector<Function*>> Module::Functions(size_t limit) {
  std::vector<Function*> functions;
  for (const KernelLocation& location : code().kernels()) {
    if (functions.size() == limit) break;
    ASSIGN_OR_RETURN(Function* const function, GetFunction(location.statement->name));
    functions.push_back(function);
  }
  return functions;
}

absl::Status Module::CompileAll(JitLog& log) {
  absl::Status first;
  ASSIGN_OR_RETURN(const std::vector<Function*> functions, Functions(code().kernels().size()));
  for (Function* function : functions) {
    const absl::Status status = function->Load().status();
    if (status.ok()) continue;
    log.Append(absl::StrCat(status.message(), "\n"));
    // What we lack is no mistake of the module: the kernel says so when it is launched.
    if (first.ok() && ToCuResult(status) != CUDA_ERROR_NOT_SUPPORTED) first = status;
  }
  return first;
}

Module* Resolve(CUmodule handle) { return FromHandle<Module>(handle); }

}  // namespace tq::core
