// A CUkernel: a kernel of a library, bound to no context. Used with a context, it stands for the Function of
// the library's module there. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "runtime/core/code.h"
#include "runtime/core/handle.h"
#include "runtime/core/launch_settings.h"

namespace tq::core {

class Context;
class Device;
class Function;
class Library;

class Kernel {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kKernel;

  Kernel(Library& library, KernelLocation location);

  CUkernel handle() const { return handle_.as<CUkernel>(); }
  Library& library() const { return library_; }
  const char* name() const { return name_.c_str(); }
  std::span<const ptx::IndexedParameter> parameters() const;

  // The function in `context`, made at first use: a compare on the launch path.
  absl::StatusOr<Function*> In(Context& context);

  // Of the kernel on `device`, whatever context it is used in there.
  absl::StatusOr<int> Attribute(CUfunction_attribute attribute, Device& device);
  absl::Status SetAttribute(CUfunction_attribute attribute, int value, Device& device);
  absl::Status SetCacheConfig(CUfunc_cache config, Device& device);

 private:
  friend class Library;
  LaunchSettings SettingsOn(const Device& device);
  absl::Status ChangeSettings(Device& device, const std::function<absl::Status(LaunchSettings&)>& change);

  Library& library_;
  const KernelLocation location_;
  const std::string name_;
  std::atomic<Function*> last_{nullptr};  // the function used last
  std::mutex mutex_;
  std::map<const Device*, LaunchSettings> settings_;
  Handle<Kernel> handle_{this};
};

}  // namespace tq::core
