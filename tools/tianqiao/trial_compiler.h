// Compiles kernels to find out whether they compile: the runtime's way to the compiler, without a device.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "compiler/api/compiler.h"
#include "compiler/index/module_index.h"

namespace tq {

class TrialCompiler {
 public:
  // Loads libtianqiao_compiler.so from our library directory.
  static absl::StatusOr<TrialCompiler> Load();

  // OK when the kernel compiles; otherwise the first error of the compiler's log, without its position.
  absl::Status Compile(const ptx::ModuleIndex& index, std::string_view text, std::string_view kernel) const;

 private:
  explicit TrialCompiler(const tq_compiler* compiler) : compiler_(compiler) {}
  const tq_compiler* compiler_;
};

}  // namespace tq
