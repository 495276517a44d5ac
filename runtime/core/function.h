// A CUfunction: a kernel of a module, in the module's context. Its code is compiled and loaded by the first
// call that needs it: a launch, an attribute that only the compiler knows, cuFuncLoad. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hal/executable.h"
#include "runtime/core/background_compile.h"
#include "runtime/core/code.h"
#include "runtime/core/handle.h"
#include "runtime/core/launch_settings.h"
#include "runtime/core/prepared_launch.h"

namespace tq::core {

class Context;
class Kernel;
class Module;

// The arguments of one launch as the device wants them. Small blocks need no allocation.
class ArgumentBlock {
 public:
  const void* data() const { return data_; }
  size_t size_bytes() const { return size_bytes_; }

 private:
  friend class Function;
  uint8_t* Reserve(size_t size_bytes);

  const void* data_ = nullptr;
  size_t size_bytes_ = 0;
  std::vector<uint8_t> large_;
  alignas(16) uint8_t small_[512];
};

class Function {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kFunction;

  // `kernel` is the CUkernel that this is an instance of, or null.
  Function(Module& module, const Kernel* kernel, const KernelLocation& location,
           const LaunchSettings& settings);

  CUfunction handle() const { return handle_.as<CUfunction>(); }
  Module& module() const { return module_; }
  Context& context() const;
  const Kernel* kernel() const { return kernel_; }
  const char* name() const { return name_.c_str(); }

  // The loaded code; null before Load has succeeded. One load: for the launch path.
  const hal::KernelEntry* loaded() const { return loaded_.load(std::memory_order_acquire); }
  // The code for a launch that begins now, or null: then Load has something to do. For the launch path.
  const hal::KernelEntry* ready() const {
    const hal::KernelEntry* const entry = loaded();
    const BackgroundCompile* const awaited = awaited_.load(std::memory_order_relaxed);
    return awaited == nullptr || !awaited->is_done() ? entry : nullptr;
  }
  // Compiles and loads the code unless that has been done, or goes over to better code that has been compiled
  // since; launches that have begun keep theirs. A kernel that cannot be compiled fails with
  // CUDA_ERROR_INVALID_PTX, CUDA_ERROR_NOT_SUPPORTED ... each time, at no further cost, and says why in the
  // log once.
  absl::StatusOr<const hal::KernelEntry*> Load();

  // ---- arguments, as the PTX declares them
  std::span<const ptx::IndexedParameter> parameters() const { return parameters_; }
  size_t param_size_bytes() const { return param_size_bytes_; }
  // From cuLaunchKernel's kernelParams (one pointer per parameter) or extra (CU_LAUNCH_PARAM_BUFFER_*). A
  // block given by `extra` is not copied. CUDA_ERROR_INVALID_VALUE when both are given, or neither and there
  // are parameters.
  absl::Status GatherArguments(void* const* kernel_params, void* const* extra, ArgumentBlock& block) const;

  // ---- attributes
  absl::StatusOr<int> Attribute(CUfunction_attribute attribute);
  absl::Status SetAttribute(CUfunction_attribute attribute, int value);
  // Blocks of `threads` threads that one multiprocessor runs at once; 0 when none fits.
  absl::StatusOr<int> BlocksPerUnit(uint64_t threads, size_t dynamic_bytes);
  LaunchSettings settings() const;
  absl::Status SetCacheConfig(CUfunc_cache config);
  // How much dynamic shared memory a launch may ask for. `entry` is what Load gave.
  uint32_t MaxDynamicSharedBytes(const hal::KernelEntry& entry) const;
  PreparedLaunch& prepared_launch() { return prepared_launch_; }
  // .reqnctapercluster and the other directives of the PTX, known without compiling.
  const ptx::LaunchDirectives& directives() const { return directives_; }

 private:
  friend class Kernel;
  void ChangeSettings(const LaunchSettings& settings);
  void TakeBetter();  // needs load_mutex_

  Module& module_;
  const Kernel* const kernel_;
  const KernelLocation location_;
  const std::string name_;
  const std::span<const ptx::IndexedParameter> parameters_;
  const size_t param_size_bytes_;
  const ptx::LaunchDirectives& directives_;

  std::atomic<const hal::KernelEntry*> loaded_{nullptr};
  std::mutex load_mutex_;
  hal::KernelEntry entry_, better_entry_;                   // one of them is what loaded_ points to
  std::shared_ptr<BackgroundCompile> better_;               // written once, before loaded_
  std::atomic<const BackgroundCompile*> awaited_{nullptr};  // that, until better_entry_ is there
  absl::Status failure_;                                    // that Load gives from then on

  mutable std::mutex settings_mutex_;
  LaunchSettings settings_;
  PreparedLaunch prepared_launch_;
  Handle<Function> handle_{this};
};

}  // namespace tq::core
