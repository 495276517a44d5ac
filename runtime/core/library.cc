#include "runtime/core/library.h"

#include "absl/strings/str_cat.h"
#include "api/resolve.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/function.h"
#include "runtime/core/module.h"
#include "runtime/core/process.h"

namespace tq::core {
namespace {

// Guards every link between a library and its modules: either may end first, the library by unloading, a
// module with its context.
std::mutex& LinksMutex() {
  static auto* const mutex = new std::mutex;
  return *mutex;
}

}  // namespace

Library::Library(std::shared_ptr<const Code> code) : code_(std::move(code)) {}

Library::~Library() {
  std::vector<Module*> modules;
  {
    const std::lock_guard lock(LinksMutex());
    for (const auto& [context, module] : modules_) {
      module->library_ = nullptr;
      modules.push_back(module);
    }
    modules_.clear();
  }
  // One whose context is just being destroyed is gone, or goes, with it.
  for (Module* module : modules) (void)Module::Unload(module);
  if (retained_ != nullptr) (void)retained_->ReleasePrimary();
}

absl::StatusOr<Kernel*> Library::GetKernel(std::string_view name) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = kernels_.find(name); found != kernels_.end()) return found->second.get();
  }
  ASSIGN_OR_RETURN(const KernelLocation location, code_->FindKernel(name));
  return KernelAt(location);
}

Kernel* Library::KernelAt(const KernelLocation& location) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Kernel>& kernel = kernels_[std::string(location.statement->name)];
  if (kernel == nullptr) kernel = std::make_unique<Kernel>(*this, location);
  return kernel.get();
}

std::vector<Kernel*> Library::Kernels(size_t limit) {
  std::vector<Kernel*> kernels;
  for (const KernelLocation& location : code_->kernels()) {
    if (kernels.size() == limit) break;
    kernels.push_back(KernelAt(location));
  }
  return kernels;
}

absl::StatusOr<Module*> Library::ModuleIn(Context& context) {
  const std::lock_guard lock(LinksMutex());
  if (!context.active()) {
    return CudaError(CUDA_ERROR_CONTEXT_IS_DESTROYED, "the context that the library is used in is destroyed");
  }
  Module*& module = modules_[&context];
  if (module == nullptr) {
    module = Module::Create(context, code_, this);
    if (managed_home_ == nullptr) {
      managed_home_ = module;
    } else {
      module->program().ShareManaged(managed_home_->program());
    }
  }
  return module;
}

absl::StatusOr<Module*> Library::ManagedHome() {
  {
    const std::lock_guard lock(LinksMutex());
    if (managed_home_ != nullptr) return managed_home_;
  }
  if (Context* const current = Context::Current(); current != nullptr) return ModuleIn(*current);
  ASSIGN_OR_RETURN(Device* const device, Process::Get().DeviceAt(0));
  if (retained_ == nullptr) {
    RETURN_IF_ERROR(device->RetainPrimary());
    retained_ = device;
  }
  return ModuleIn(device->primary());
}

std::vector<Module*> Library::ModulesOn(const Device& device) {
  const std::lock_guard lock(LinksMutex());
  std::vector<Module*> modules;
  for (const auto& [context, module] : modules_) {
    if (&context->device() == &device) modules.push_back(module);
  }
  return modules;
}

void Library::Unlink(Module* module) {
  const std::lock_guard lock(LinksMutex());
  Library* const library = module->library_;
  if (library == nullptr) return;
  library->modules_.erase(&module->context());
  if (library->managed_home_ == module) library->managed_home_ = nullptr;
  const std::lock_guard kernels_lock(library->mutex_);
  for (const auto& [name, kernel] : library->kernels_) {
    Function* const last = kernel->last_.load(std::memory_order_acquire);
    if (last != nullptr && &last->module() == module) kernel->last_.store(nullptr, std::memory_order_release);
  }
}

Library* Resolve(CUlibrary handle) { return FromHandle<Library>(handle); }

}  // namespace tq::core
