// A CUlibrary: code bound to no context. In each context that uses it there is one Module of it, made at
// first use. Thread-safe; unloading a library while another thread uses it is the program's error, as with
// CUDA.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/core/code.h"
#include "runtime/core/handle.h"
#include "runtime/core/kernel.h"

namespace tq::core {

class Context;
class Device;
class Module;

class Library {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kLibrary;

  explicit Library(std::shared_ptr<const Code> code);
  ~Library();  // ends its modules in all contexts, after their work

  CUlibrary handle() const { return handle_.as<CUlibrary>(); }
  const Code& code() const { return *code_; }

  // CUDA_ERROR_NOT_FOUND when there is none.
  absl::StatusOr<Kernel*> GetKernel(std::string_view name);
  std::vector<Kernel*> Kernels(size_t limit);

  absl::StatusOr<Module*> ModuleIn(Context& context);
  // The module that has the library's __managed__ variables: the first one made. When there is none yet, that
  // of the first device's primary context, which the library then retains.
  absl::StatusOr<Module*> ManagedHome();
  std::vector<Module*> ModulesOn(const Device& device);

 private:
  friend class Module;
  Kernel* KernelAt(const KernelLocation& location);
  // Called as a module ends: its library, if it is of one that still exists, no longer refers to it
  // afterwards.
  static void Unlink(Module* module);

  const std::shared_ptr<const Code> code_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Kernel>, std::less<>> kernels_;
  std::map<Context*, Module*> modules_;
  Module* managed_home_ = nullptr;
  Device* retained_ = nullptr;  // its primary context is in use by ManagedHome
  Handle<Library> handle_{this};
};

}  // namespace tq::core
