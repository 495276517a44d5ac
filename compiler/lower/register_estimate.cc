#include "compiler/lower/register_estimate.h"

#include <algorithm>
#include <vector>

namespace tq::lower {
namespace {

constexpr uint32_t kFewest = 8;
constexpr uint32_t kMost = 255;

struct Span {
  uint32_t first = UINT32_MAX, last = 0;
};

void Mention(const ptx::Operand& operand, uint32_t position, std::vector<Span>& spans) {
  if (operand.reg != nullptr) {
    Span& span = spans[operand.reg->index];
    span.first = std::min(span.first, position);
    span.last = std::max(span.last, position);
  }
  for (const ptx::Operand& element : operand.elements) Mention(element, position, spans);
}

// Predicates have a register file of their own.
uint32_t Words(const ptx::Register& reg) { return (ptx::SizeBits(reg.type) + 31) / 32 * reg.vector; }

}  // namespace

uint32_t EstimateRegisters(const ptx::Function& kernel) {
  std::vector<Span> spans(kernel.registers.size());
  uint32_t position = 0;
  for (const ptx::Block& block : kernel.blocks) {
    for (const ptx::Instruction& inst : block.instructions) {
      ++position;
      for (const ptx::Operand& operand : inst.operands) Mention(operand, position, spans);
    }
  }
  std::vector<int64_t> change(position + 2, 0);
  for (const ptx::Register& reg : kernel.registers) {
    const Span& span = spans[reg.index];
    if (span.first > span.last || reg.type == ptx::Type::kPred) continue;
    change[span.first] += Words(reg);
    change[span.last + 1] -= Words(reg);
  }
  int64_t live = 0, most = 0;
  for (int64_t delta : change) most = std::max(most, live += delta);
  return static_cast<uint32_t>(std::clamp<int64_t>(most, kFewest, kMost));
}

}  // namespace tq::lower
