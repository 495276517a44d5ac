#include "compiler/targets/expand_division.h"

#include <vector>

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

namespace tq::targets {
namespace {

bool IsExpandable(const llvm::BinaryOperator& operation) {
  const auto* type = llvm::dyn_cast<llvm::FixedVectorType>(operation.getType());
  return operation.isIntDivRem() && type != nullptr && type->getScalarSizeInBits() <= 32 &&
         !llvm::isa<llvm::Constant>(operation.getOperand(1));
}

llvm::Value* Expand(llvm::BinaryOperator& operation) {
  const auto opcode = operation.getOpcode();
  const bool is_signed = opcode == llvm::Instruction::SDiv || opcode == llvm::Instruction::SRem;
  const bool is_remainder = opcode == llvm::Instruction::URem || opcode == llvm::Instruction::SRem;
  llvm::IRBuilder<> ir(&operation);
  auto* type = llvm::cast<llvm::FixedVectorType>(operation.getType());
  llvm::Type* element = type->getScalarSizeInBits() <= 16 ? ir.getFloatTy() : ir.getDoubleTy();
  auto* real = llvm::FixedVectorType::get(element, type->getNumElements());

  llvm::Value *a = operation.getOperand(0), *b = operation.getOperand(1);
  if (is_remainder) {  // a and b are used twice, and must be the same both times
    a = ir.CreateFreeze(a);
    b = ir.CreateFreeze(b);
  }
  llvm::Value* quotient = is_signed ? ir.CreateFDiv(ir.CreateSIToFP(a, real), ir.CreateSIToFP(b, real))
                                    : ir.CreateFDiv(ir.CreateUIToFP(a, real), ir.CreateUIToFP(b, real));
  quotient = is_signed ? ir.CreateFPToSI(quotient, type) : ir.CreateFPToUI(quotient, type);
  return is_remainder ? ir.CreateSub(a, ir.CreateMul(quotient, b)) : quotient;
}

}  // namespace

void ExpandDivision(llvm::Module& module) {
  std::vector<llvm::BinaryOperator*> found;
  for (llvm::Function& function : module) {
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      auto* operation = llvm::dyn_cast<llvm::BinaryOperator>(&instruction);
      if (operation != nullptr && IsExpandable(*operation)) found.push_back(operation);
    }
  }
  for (llvm::BinaryOperator* operation : found) {
    operation->replaceAllUsesWith(Expand(*operation));
    operation->eraseFromParent();
  }
}

}  // namespace tq::targets
