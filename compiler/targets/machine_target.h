// What targets that LLVM has a machine for have in common.
#pragma once

#include <memory>
#include <string>

#include "compiler/targets/target.h"
#include "llvm/Target/TargetMachine.h"

namespace tq::targets {

class MachineTarget : public Target {
 public:
  void Prepare(llvm::Module& module) const override;
  void SetFunctionAttributes(llvm::Module& module) const override;
  void Optimize(llvm::Module& module, const EmitOptions& options) override;
  absl::StatusOr<std::vector<uint8_t>> Emit(llvm::Module& module, const EmitOptions& options) override;

 protected:
  // `cpu` is what every function is told beside the features, which say all.
  MachineTarget(const char* cpu, std::string features, std::unique_ptr<llvm::TargetMachine> machine)
      : cpu_(cpu), features_(std::move(features)), machine_(std::move(machine)) {}

  const std::string& features() const { return features_; }
  llvm::TargetMachine& machine() { return *machine_; }

 private:
  const char* const cpu_;
  const std::string features_;
  std::unique_ptr<llvm::TargetMachine> machine_;
};

}  // namespace tq::targets
