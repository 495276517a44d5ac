#include "tools/ptxas/statistics.h"

#include <algorithm>
#include <set>

#include "compiler/isa/form.h"
#include "compiler/lower/register_estimate.h"
#include "isa/isa.h"

namespace tq::ptxas {
namespace {

constexpr uint32_t kMaxBarriers = 16;

class Visitor {
 public:
  explicit Visitor(Statistics& statistics) : statistics_(statistics) {}

  void Visit(const ptx::Instruction& instruction) {
    const ptx::Form& form = ptx::GetForm(instruction.form);
    const bool is_barrier =
        instruction.opcode == ptx::Opcode::kBar || instruction.opcode == ptx::Opcode::kBarrier;
    for (size_t i = 0; i < instruction.operands.size(); ++i) {
      const ptx::Operand& operand = instruction.operands[i];
      if (is_barrier && i < form.operands.size() && form.operands[i].name == "a") CountBarrier(operand);
      Visit(operand);
    }
  }

 private:
  // A register may name any of them.
  void CountBarrier(const ptx::Operand& operand) {
    const bool is_constant = operand.kind == ptx::Operand::Kind::kImmediate && operand.bits < kMaxBarriers;
    statistics_.barriers =
        std::max(statistics_.barriers, is_constant ? static_cast<uint32_t>(operand.bits) + 1 : kMaxBarriers);
  }

  void Visit(const ptx::Operand& operand) {
    if (operand.reg != nullptr && operand.reg->type == ptx::Type::kF64) statistics_.uses_doubles = true;
    if (operand.variable != nullptr && operand.variable->space == ptx::Space::kShared &&
        seen_.insert(operand.variable).second)
      statistics_.shared_bytes += operand.variable->size_bytes;
    for (const ptx::Operand& element : operand.elements) Visit(element);
  }

  Statistics& statistics_;
  std::set<const ptx::Variable*> seen_;
};

}  // namespace

Statistics Measure(const ptx::Function& function) {
  Statistics statistics;
  statistics.registers = lower::EstimateRegisters(function);
  for (const ptx::Variable& variable : function.variables) {
    if (variable.space == ptx::Space::kLocal) statistics.stack_bytes += variable.size_bytes;
  }
  Visitor visitor(statistics);
  for (const ptx::Block& block : function.blocks) {
    for (const ptx::Instruction& instruction : block.instructions) visitor.Visit(instruction);
  }
  return statistics;
}

uint64_t GlobalBytes(const ptx::Module& module) {
  uint64_t bytes = 0;
  for (const ptx::Variable& variable : module.variables) {
    if (variable.space == ptx::Space::kGlobal && variable.linkage != ptx::Linkage::kExtern)
      bytes += variable.size_bytes;
  }
  return bytes;
}

}  // namespace tq::ptxas
