// The code of a module at work in one context: its variables in device memory, and executables as kernels are
// first used. Code is compiled at most once per process and mostly comes from the kernel cache. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/index/link.h"
#include "hal/executable.h"
#include "runtime/core/allocation.h"
#include "runtime/core/code.h"
#include "runtime/core/jit.h"
#include "runtime/core/texture.h"

namespace tq::core {

class Context;
class Function;
class Module;

class Program {
 public:
  Program(Context& context, std::shared_ptr<const Code> code);
  ~Program();

  const Code& code() const { return *code_; }

  // Compiles and loads one kernel. The entry lives as long as the program. Afterwards `better` is what is
  // still being compiled for it, and null when that is nothing.
  absl::StatusOr<hal::KernelEntry> LoadKernel(size_t unit, std::string_view name,
                                              std::shared_ptr<BackgroundCompile>& better);
  // Loads the same kernel from other code.
  absl::StatusOr<hal::KernelEntry> LoadKernelFrom(size_t unit, std::string_view name,
                                                  const KernelCache::Code& code);

  // A variable in .global or .const, in memory and initialised. CUDA_ERROR_NOT_FOUND.
  absl::StatusOr<Allocation*> FindVariable(std::string_view name, uint64_t* size_bytes);

  // The PTX type of the variable that FindVariable would find, kNone when there is none.
  ptx::Type TypeOf(std::string_view name) const;

  bool has_variables() const;

  // From now on __managed__ variables are those of `home`, which outlives this program: a library has each of
  // them once for all contexts (CUDA driver API, cuLibraryGetManaged).
  void ShareManaged(Program& home) { managed_home_ = &home; }

  // The module that this is of: kernels launched from the device are its functions.
  void set_module(Module& module) { module_ = &module; }

 private:
  // A variable's identity: a definition in one of the units.
  using VariableId = std::pair<size_t, const ptx::Statement*>;
  struct Variable {
    Allocation* allocation = nullptr;  // `owned`, or the home's
    std::unique_ptr<Allocation> owned;
    uint64_t size_bytes = 0;
    std::optional<Descriptor> sampler;  // of a .samplerref, whose contents are its handle
  };
  class Materialization;

  // Compiles or finds what was extracted; `symbols` are exported.
  absl::StatusOr<CompiledCode> CompileExtract(const ptx::LinkedExtract& extract, size_t unit,
                                              const std::vector<std::string>& symbols, bool is_kernel);
  // Brings the variables of what was extracted into being and loads its code.
  absl::StatusOr<hal::Executable*> LoadCode(std::span<const ptx::LinkUnit> units,
                                            const ptx::LinkedExtract& extract, const KernelCache::Code& code);

  // What code holds as the address of a kernel. Needs mutex_.
  uint64_t HandleOf(const ptx::LinkedSymbol& kernel);

  // Variables that lie where the program said (JitOptions::symbols).
  ptx::NameSet OutsideNames() const;

  Context& context_;
  const std::shared_ptr<const Code> code_;
  Program* managed_home_ = nullptr;
  Module* module_ = nullptr;
  mutable std::recursive_mutex
      mutex_;  // a variable's contents may hold the address of a function, which uses variables
  std::map<VariableId, Variable> variables_;
  std::vector<std::unique_ptr<hal::Executable>> executables_;
  // Kernels whose handles code holds.
  std::map<VariableId, std::unique_ptr<Function>> kernels_;
};

}  // namespace tq::core
