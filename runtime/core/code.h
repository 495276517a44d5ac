// The PTX of one load call, bound to no context: one image per unit, chosen for the device, indexed; the text
// comes and goes (runtime/fatbin/text.h). Several units form one program whose symbols find each other by
// name. Immutable, shared by the modules of a library in several contexts.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/index/module_index.h"
#include "runtime/core/jit_options.h"
#include "runtime/fatbin/choose.h"
#include "runtime/fatbin/image.h"
#include "runtime/fatbin/text.h"

namespace tq::core {

struct KernelLocation {
  size_t unit = 0;
  const ptx::Statement* statement = nullptr;
};

class Code {
 public:
  struct Unit {
    ptx::ModuleIndex index;
    std::unique_ptr<fatbin::Text> text;
    std::string options;                                   // ptxas options of the fat binary
    std::map<std::string, uint64_t, std::less<>> symbols;  // that linking found outside
  };

  // CUDA_ERROR_INVALID_IMAGE, _NO_BINARY_FOR_GPU, _INVALID_PTX (with line and token). Of several units, those
  // without an image for the device are left out, as long as one is left.
  static absl::StatusOr<std::shared_ptr<const Code>> Load(const fatbin::Container& container,
                                                          fatbin::Text::Storage storage,
                                                          const JitOptions& options);

  const std::vector<Unit>& units() const { return units_; }
  const JitOptions& options() const { return options_; }
  // PTX text that came without a container.
  bool is_text() const { return is_text_; }

  // Kernels with a body, in the order of the units and of their text. The first of a name counts.
  const std::vector<KernelLocation>& kernels() const { return kernels_; }
  absl::StatusOr<KernelLocation> FindKernel(std::string_view name) const;
  const ptx::IndexedKernel& KernelAt(const KernelLocation& location) const {
    return units_[location.unit].index.Kernel(*location.statement);
  }
  std::span<const ptx::IndexedParameter> ParametersOf(const KernelLocation& location) const {
    return units_[location.unit].index.Parameters(KernelAt(location));
  }

 private:
  std::vector<Unit> units_;
  std::vector<KernelLocation> kernels_;
  JitOptions options_;
  bool is_text_ = false;
};

// What the devices report (TIANQIAO_COMPUTE_CAPABILITY).
fatbin::Arch DeviceArch();

}  // namespace tq::core
