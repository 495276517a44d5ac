#include "runtime/core/kernel.h"

#include "api/resolve.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/function.h"
#include "runtime/core/library.h"
#include "runtime/core/module.h"

namespace tq::core {
namespace {

// Keeps the device's primary context active while its code is asked about.
class PrimaryHold {
 public:
  static absl::StatusOr<std::unique_ptr<PrimaryHold>> Take(Device& device) {
    RETURN_IF_ERROR(device.RetainPrimary());
    return std::unique_ptr<PrimaryHold>(new PrimaryHold(device));
  }
  ~PrimaryHold() { (void)device_.ReleasePrimary(); }

 private:
  explicit PrimaryHold(Device& device) : device_(device) {}
  Device& device_;
};

}  // namespace

Kernel::Kernel(Library& library, KernelLocation location)
    : library_(library), location_(location), name_(location.statement->name) {}

std::span<const ptx::IndexedParameter> Kernel::parameters() const {
  return library_.code().ParametersOf(location_);
}

absl::StatusOr<Function*> Kernel::In(Context& context) {
  Function* const last = last_.load(std::memory_order_acquire);
  if (last != nullptr && &last->context() == &context) return last;
  ASSIGN_OR_RETURN(Module* const module, library_.ModuleIn(context));
  ASSIGN_OR_RETURN(Function* const function, module->GetFunction(name_, this, SettingsOn(context.device())));
  last_.store(function, std::memory_order_release);
  return function;
}

LaunchSettings Kernel::SettingsOn(const Device& device) {
  const std::lock_guard lock(mutex_);
  return settings_[&device];
}

absl::StatusOr<int> Kernel::Attribute(CUfunction_attribute attribute, Device& device) {
  Context* const current = Context::Current();
  if (current != nullptr && current->active() && &current->device() == &device) {
    ASSIGN_OR_RETURN(Function* const function, In(*current));
    return function->Attribute(attribute);
  }
  ASSIGN_OR_RETURN(const auto hold, PrimaryHold::Take(device));
  ASSIGN_OR_RETURN(Function* const function, In(device.primary()));
  return function->Attribute(attribute);
}

absl::Status Kernel::ChangeSettings(Device& device,
                                    const std::function<absl::Status(LaunchSettings&)>& change) {
  LaunchSettings settings;
  {
    const std::lock_guard lock(mutex_);
    settings = settings_[&device];
    RETURN_IF_ERROR(change(settings));
    settings_[&device] = settings;
  }
  for (Module* module : library_.ModulesOn(device)) {
    if (const auto function = module->GetFunction(name_, this, settings); function.ok()) {
      (*function)->ChangeSettings(settings);
    }
  }
  return absl::OkStatus();
}

absl::Status Kernel::SetAttribute(CUfunction_attribute attribute, int value, Device& device) {
  return ChangeSettings(
      device, [&](LaunchSettings& settings) { return ApplyAttribute(attribute, value, device, settings); });
}

absl::Status Kernel::SetCacheConfig(CUfunc_cache config, Device& device) {
  return ChangeSettings(device, [&](LaunchSettings& settings) { return ApplyCacheConfig(config, settings); });
}

Kernel* Resolve(CUkernel handle) { return FromHandle<Kernel>(handle); }

}  // namespace tq::core
