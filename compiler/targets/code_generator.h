// LLVM's code generator, as kernels use it.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/targets/target.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"

namespace tq::targets {

// Calls `initialize`, which registers a target's parts with LLVM, and finds the target. Thread-safe, unlike
// LLVM's registry.
const llvm::Target* RegisterTarget(const char* triple, void (*initialize)());

// What all targets ask of their machine.
llvm::TargetOptions MachineOptions();

// One relocatable object. Internal: the machine cannot write one.
absl::StatusOr<std::vector<uint8_t>> GenerateObject(llvm::Module& module, llvm::TargetMachine& machine,
                                                    const EmitOptions& options);

}  // namespace tq::targets
