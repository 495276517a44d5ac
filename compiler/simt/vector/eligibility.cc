#include "compiler/simt/vector/eligibility.h"

#include "compiler/simt/intrinsics.h"
#include "compiler/simt/vector/absent_lanes.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

namespace tq::simt::vector {
namespace {

bool IsLaneType(llvm::Type* type) {
  if (auto* structure = llvm::dyn_cast<llvm::StructType>(type))
    return llvm::all_of(structure->elements(), IsLaneType);
  if (auto* array = llvm::dyn_cast<llvm::ArrayType>(type))
    return array->getNumElements() <= 16 && IsLaneType(array->getElementType());
  if (auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(type)) return IsLaneType(vector->getElementType());
  if (type->isIntegerTy()) return type->getIntegerBitWidth() <= 64;
  return type->isPointerTy() || type->isHalfTy() || type->isBFloatTy() || type->isFloatTy() ||
         type->isDoubleTy();
}

std::string WhyNotType(const llvm::Instruction& instruction, const LaneValues& lanes) {
  llvm::Type* type = instruction.getType();
  if (type->isVoidTy() || lanes.KindOf(instruction) == Kind::kUniform) return "";
  if (!IsLaneType(type)) return "a value of a wide type";
  auto* cast = llvm::dyn_cast<llvm::BitCastInst>(&instruction);
  if (cast != nullptr && (type->isVectorTy() || cast->getSrcTy()->isVectorTy()) &&
      type->getPrimitiveSizeInBits() > 64 &&
      type->getScalarSizeInBits() != cast->getSrcTy()->getScalarSizeInBits()) {
    return "a cast of a wide vector";
  }
  return "";
}

std::string WhyNotCall(const llvm::CallInst& call, const LaneValues& lanes, const Schedule& schedule,
                       const std::map<const llvm::Function*, Progress>& progress) {
  const llvm::Function* callee = call.getCalledFunction();
  if (callee == nullptr) return call.isInlineAsm() ? "inline assembly" : "a call through a pointer";
  const std::optional<Intrinsic> intrinsic = Identify(*callee);
  if (!intrinsic) {
    auto found = progress.find(callee);
    if (found == progress.end()) return "";
    const Progress& does = found->second;
    return does.waits || does.exits_deep || does.indirect ? "a call of a function that waits" : "";
  }
  if (*intrinsic == Intrinsic::kHostCall) return "a call of the host";
  const bool waits = EffectOf(*intrinsic) == Effect::kBarrier && *intrinsic != Intrinsic::kWarpsync;
  if (waits || *intrinsic == Intrinsic::kYield) {
    // A warp waits as a whole.
    if (!schedule.IsConverged(*call.getParent())) return "lanes that wait while others do not";
    for (const llvm::Value* argument : call.args()) {
      const bool is_value = *intrinsic == Intrinsic::kBarrierReduce && argument == call.getArgOperand(3);
      if (!is_value && lanes.KindOf(*argument) != Kind::kUniform) return "a barrier that lanes choose";
    }
  }
  return "";
}

}  // namespace

std::string WhyNot(const llvm::Function& kernel, const LaneValues& lanes, const Schedule& schedule,
                   const std::map<const llvm::Function*, Progress>& progress) {
  if (MeetsInTwoPlaces(kernel, lanes)) return "lanes that meet in two places";
  for (const llvm::Instruction& instruction : llvm::instructions(kernel)) {
    std::string why = WhyNotType(instruction, lanes);
    if (why.empty()) {
      if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction))
        why = WhyNotCall(*call, lanes, schedule, progress);
    }
    if (auto* slot = llvm::dyn_cast<llvm::AllocaInst>(&instruction);
        slot != nullptr && lanes.KindOf(*slot) != Kind::kPattern) {
      why = "a local variable of changing size";
    }
    if (instruction.isTerminator() &&
        !llvm::isa<llvm::BranchInst, llvm::SwitchInst, llvm::ReturnInst>(instruction))
      why = "an indirect branch";
    if (!why.empty()) return why;
  }
  return "";
}

}  // namespace tq::simt::vector
