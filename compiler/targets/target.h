// One instruction set that kernels are compiled for: how SIMT IR becomes its code.
//
// A target owns its LLVM TargetMachine. One object per compile; not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "llvm/IR/Module.h"

namespace tq::targets {

struct EmitOptions {
  // 0: no optimisation at all; 1: cheap, for kernels too large for 2; 2: what kernels get.
  uint32_t level = 2;
};

class Target {
 public:
  virtual ~Target() = default;

  // Sets triple and data layout. Before anything is lowered into the module.
  virtual void Prepare(llvm::Module& module) const = 0;

  // What the scalar tier is told: whether kernels without fibers keep tq_cpu_block::loop_tid up to date.
  virtual bool KeepsLoopThread() const { return false; }

  // The same: whether it has rather no fibers than threads as PTX describes them.
  virtual bool CutsAtBarriers() const { return false; }

  // Whether its vectors are worth a tier (compiler/simt/vector).
  virtual bool HasVectorTier() const { return false; }
  // Whether its device runs a fiber for each warp (TQ_KERNEL_WARPS).
  virtual bool HasWarpFibers() const { return false; }

  // Gives every defined function of the module the target's instruction set, so that all may inline each
  // other.
  virtual void SetFunctionAttributes(llvm::Module& module) const = 0;

  // LLVM's middle end, with the costs of this target.
  virtual void Optimize(llvm::Module& module, const EmitOptions& options) = 0;

  // One relocatable object. Internal on an error of LLVM's code generator.
  virtual absl::StatusOr<std::vector<uint8_t>> Emit(llvm::Module& module, const EmitOptions& options) = 0;
};

// By the name of a target description ("x86_64-cpu"). `features` is LLVM's feature string and the whole
// truth: no CPU name is looked at, because virtual machines hide features that the CPU's model has.
// OutOfRange: unknown.
absl::StatusOr<std::unique_ptr<Target>> CreateTarget(std::string_view name, std::string_view features);

std::unique_ptr<Target> CreateX86Target(std::string_view features);
std::unique_ptr<Target> CreateRiscvTarget(std::string_view features);

}  // namespace tq::targets
