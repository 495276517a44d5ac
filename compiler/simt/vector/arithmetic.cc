// Instructions that compute.
#include "compiler/simt/vector/widener.h"
#include "llvm/Analysis/VectorUtils.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Operator.h"

namespace tq::simt::vector {

using llvm::Value;

void Widener::Emit(const llvm::Instruction& instruction) {
  if (llvm::isa<llvm::DbgInfoIntrinsic, llvm::AssumeInst, llvm::LifetimeIntrinsic>(instruction)) return;
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction)) return EmitLoad(*load);
  if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction)) return EmitStore(*store);
  if (auto* slot = llvm::dyn_cast<llvm::AllocaInst>(&instruction)) return EmitAlloca(*slot);
  if (llvm::isa<llvm::FenceInst>(instruction)) return EmitUniform(instruction);
  if (auto* atomic = llvm::dyn_cast<llvm::AtomicRMWInst>(&instruction)) {
    if (!EmitUniformAtomic(*atomic) && !EmitSharedAtomic(*atomic)) LoopOverLanes(instruction);
    return;
  }
  if (llvm::isa<llvm::AtomicCmpXchgInst>(instruction)) return LoopOverLanes(instruction);
  if (auto* fill = llvm::dyn_cast<llvm::MemSetInst>(&instruction); fill != nullptr && EmitFill(*fill)) return;
  if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction)) {
    const llvm::Function* callee = call->getCalledFunction();
    const std::optional<Intrinsic> intrinsic = callee != nullptr ? Identify(*callee) : std::nullopt;
    if (intrinsic && EmitIntrinsic(*call, *intrinsic)) return;
    const bool is_pure = call->doesNotAccessMemory() && call->willReturn();
    if (!is_pure && !call->getType()->isVoidTy() && IsUniform(call) && !intrinsic)
      return LoopOverLanes(*call);
    if (!is_pure && !intrinsic) return LoopOverLanes(*call);
  }
  switch (lanes_.KindOf(instruction)) {
    case Kind::kUniform:
      if (lanes_.IsUniformByPattern(instruction)) return EmitBase(instruction);
      return EmitUniform(instruction);
    case Kind::kPattern:
      return EmitBase(instruction);
    case Kind::kVarying:
      break;
  }
  Leaves leaves = Widen(instruction);
  if (leaves.empty()) return LoopOverLanes(instruction);
  SetLeaves(&instruction, std::move(leaves));
}

// Once for all lanes.
void Widener::EmitUniform(const llvm::Instruction& instruction) {
  llvm::Instruction* clone = instruction.clone();
  for (llvm::Use& operand : clone->operands()) {
    if (!llvm::isa<llvm::BasicBlock, llvm::MetadataAsValue>(operand.get()))
      operand.set(Scalar(operand.get()));
  }
  ir_.Insert(clone);
  if (!clone->getType()->isVoidTy()) SetScalar(&instruction, clone);
}

// The base of a value with a pattern: the instruction on the bases of its operands. Lane 0 may be off, and
// what would be poison there must not become everybody's.
void Widener::EmitBase(const llvm::Instruction& instruction) {
  const Pattern& pattern = lanes_.PatternOf(instruction);
  Value* base = nullptr;
  auto operand = [&](unsigned i) { return Scalar(instruction.getOperand(i)); };
  auto* disjoint = llvm::dyn_cast<llvm::PossiblyDisjointInst>(&instruction);
  const bool is_sum = disjoint != nullptr &&
                      (disjoint->isDisjoint() || !llvm::isa<llvm::ConstantInt>(instruction.getOperand(1)));
  if (is_sum) {
    base = ir_.CreateAdd(operand(0), operand(1));
  } else if (instruction.getOpcode() == llvm::Instruction::Xor ||
             instruction.getOpcode() == llvm::Instruction::Or) {
    base = operand(0);
  } else {
    llvm::Instruction* clone = instruction.clone();
    for (llvm::Use& use : clone->operands()) use.set(Scalar(use.get()));
    clone->dropPoisonGeneratingFlags();
    ir_.Insert(clone);
    base = clone;
  }
  if (lanes_.IsUniformByPattern(instruction)) {
    SetScalar(&instruction,
              pattern.offsets[0] == 0
                  ? base
                  : ir_.CreateAdd(base, llvm::ConstantInt::get(base->getType(),
                                                               static_cast<uint64_t>(pattern.offsets[0]),
                                                               /*IsSigned=*/true, /*ImplicitTrunc=*/true)));
    return;
  }
  SetScalar(&instruction, base);
  if (!pattern.is_conditional) return;
  Value* valid = nullptr;
  auto require = [&](Value* condition) {
    if (condition != nullptr) valid = valid == nullptr ? condition : ir_.CreateAnd(valid, condition);
  };
  for (const Value* input : instruction.operands()) require(Valid(input));
  if (llvm::isa<llvm::ZExtInst, llvm::SExtInst>(instruction)) {
    // The pattern survives where no lane's sum leaves the narrow type.
    const Value* input = instruction.getOperand(0);
    if (HasPattern(input)) {
      const Pattern& narrow = lanes_.PatternOf(*input);
      const bool is_signed = llvm::isa<llvm::SExtInst>(instruction);
      Value* from = Scalar(input);
      for (const int64_t offset : {narrow.Least(), narrow.Greatest()}) {
        if (offset == 0) continue;
        llvm::Type* type = from->getType();
        Value* sum =
            ir_.CreateAdd(from, llvm::ConstantInt::get(type, static_cast<uint64_t>(offset), true, true));
        require(offset > 0 ? (is_signed ? ir_.CreateICmpSGE(sum, from) : ir_.CreateICmpUGE(sum, from))
                           : (is_signed ? ir_.CreateICmpSLE(sum, from) : ir_.CreateICmpULE(sum, from)));
      }
    }
  }
  valid_[&instruction] = valid != nullptr ? valid : ir_.getTrue();
}

Leaves Widener::Widen(const llvm::Instruction& instruction) {
  if (auto* operation = llvm::dyn_cast<llvm::BinaryOperator>(&instruction)) return WidenBinary(*operation);
  if (auto* cast = llvm::dyn_cast<llvm::CastInst>(&instruction)) return WidenCast(*cast);
  if (auto* select = llvm::dyn_cast<llvm::SelectInst>(&instruction)) return WidenSelect(*select);
  if (auto* compare = llvm::dyn_cast<llvm::CmpInst>(&instruction)) return WidenCompare(*compare);
  if (auto* step = llvm::dyn_cast<llvm::GetElementPtrInst>(&instruction)) return WidenStep(*step);
  if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction)) return WidenIntrinsic(*call);
  if (llvm::isa<llvm::UnaryOperator, llvm::FreezeInst>(instruction)) {
    Leaves leaves;
    for (Value* leaf : Vector(instruction.getOperand(0))) {
      Value* made = llvm::isa<llvm::FreezeInst>(instruction) ? ir_.CreateFreeze(leaf) : ir_.CreateFNeg(leaf);
      if (auto* negated = llvm::dyn_cast<llvm::Instruction>(made); negated != nullptr && made != leaf)
        negated->copyIRFlags(&instruction);
      leaves.push_back(made);
    }
    return leaves;
  }
  return WidenAggregate(instruction);
}

Leaves Widener::WidenBinary(const llvm::BinaryOperator& operation) {
  Leaves a = Vector(operation.getOperand(0)), b = Vector(operation.getOperand(1));
  Leaves leaves;
  for (size_t i = 0; i < a.size(); ++i) {
    Value* right = b[i];
    if (operation.isIntDivRem()) {
      // Lanes that are off must not divide by zero, nor overflow.
      right = ir_.CreateSelect(Mask(), right, llvm::ConstantInt::get(right->getType(), 1));
    }
    Value* made = ir_.CreateBinOp(operation.getOpcode(), a[i], right);
    if (auto* instruction = llvm::dyn_cast<llvm::Instruction>(made)) instruction->copyIRFlags(&operation);
    leaves.push_back(made);
  }
  return leaves;
}

Leaves Widener::WidenCast(const llvm::CastInst& cast) {
  Leaves from = Vector(cast.getOperand(0));
  llvm::SmallVector<llvm::Type*, 4> types;
  LeafTypes(cast.getType(), types);
  if (cast.getOpcode() == llvm::Instruction::BitCast && (types.size() != 1 || from.size() != 1))
    return WidenBitCast(cast);
  Leaves leaves;
  for (size_t i = 0; i < from.size(); ++i) {
    Value* made = ir_.CreateCast(cast.getOpcode(), from[i], WideType(types[i]));
    if (auto* instruction = llvm::dyn_cast<llvm::CastInst>(made); instruction != nullptr && made != from[i])
      instruction->copyIRFlags(&cast);
    leaves.push_back(made);
  }
  return leaves;
}

// Between a number and the vector that it is made of: through one integer of all bits.
Leaves Widener::WidenBitCast(const llvm::CastInst& cast) {
  Leaves from = Vector(cast.getOperand(0));
  llvm::SmallVector<llvm::Type*, 4> types;
  LeafTypes(cast.getType(), types);
  if (from.size() == types.size()) {
    Leaves leaves;
    for (size_t i = 0; i < from.size(); ++i) leaves.push_back(ir_.CreateBitCast(from[i], WideType(types[i])));
    return leaves;
  }
  auto bits_of = [](llvm::Type* type) { return type->getScalarSizeInBits(); };
  const unsigned from_bits = bits_of(from[0]->getType()), to_bits = bits_of(types[0]);
  const auto total = static_cast<unsigned>(from.size()) * from_bits;
  llvm::Type* whole = WideType(ir_.getIntNTy(total));
  Value* bits = llvm::Constant::getNullValue(whole);
  for (size_t i = 0; i < from.size(); ++i) {
    Value* part = ir_.CreateZExt(ir_.CreateBitCast(from[i], WideType(ir_.getIntNTy(from_bits))), whole);
    bits = ir_.CreateOr(bits, ir_.CreateShl(part, Splat(ir_.getIntN(total, i * from_bits))));
  }
  Leaves leaves;
  for (size_t i = 0; i < types.size(); ++i) {
    Value* part = ir_.CreateLShr(bits, Splat(ir_.getIntN(total, i * to_bits)));
    part = ir_.CreateTrunc(part, WideType(ir_.getIntNTy(to_bits)));
    leaves.push_back(ir_.CreateBitCast(part, WideType(types[i])));
  }
  return leaves;
}

Leaves Widener::WidenSelect(const llvm::SelectInst& select) {
  Leaves yes = Vector(select.getTrueValue()), no = Vector(select.getFalseValue());
  const bool is_scalar = IsUniform(select.getCondition()) && select.getCondition()->getType()->isIntegerTy(1);
  Leaves conditions = is_scalar ? Leaves{Scalar(select.getCondition())} : Vector(select.getCondition());
  Leaves leaves;
  for (size_t i = 0; i < yes.size(); ++i) {
    Value* made = ir_.CreateSelect(conditions[conditions.size() == 1 ? 0 : i], yes[i], no[i]);
    if (auto* instruction = llvm::dyn_cast<llvm::SelectInst>(made); instruction != nullptr)
      instruction->copyIRFlags(&select);
    leaves.push_back(made);
  }
  return leaves;
}

Leaves Widener::WidenCompare(const llvm::CmpInst& compare) {
  Leaves a = Vector(compare.getOperand(0)), b = Vector(compare.getOperand(1));
  Leaves leaves;
  for (size_t i = 0; i < a.size(); ++i) {
    Value* made = ir_.CreateCmp(compare.getPredicate(), a[i], b[i]);
    if (auto* instruction = llvm::dyn_cast<llvm::CmpInst>(made)) instruction->copyIRFlags(&compare);
    leaves.push_back(made);
  }
  return leaves;
}

Leaves Widener::WidenStep(const llvm::GetElementPtrInst& step) {
  auto form = [this](const Value* operand) {
    return IsUniform(operand) ? Scalar(operand) : Vector1(operand);
  };
  Value* base = form(step.getPointerOperand());
  llvm::SmallVector<Value*, 4> indices;
  for (const Value* index : step.indices()) indices.push_back(form(index));
  Value* made = ir_.CreateGEP(step.getSourceElementType(), base, indices);
  if (!made->getType()->isVectorTy()) made = Splat(made);
  return {made};
}

// Elements of structures and vectors are leaves: taking and putting them costs nothing.
Leaves Widener::WidenAggregate(const llvm::Instruction& instruction) {
  auto first_leaf = [this](llvm::Type* type, llvm::ArrayRef<unsigned> path) {
    size_t at = 0;
    for (unsigned index : path) {
      for (unsigned i = 0; i < index; ++i) {
        llvm::SmallVector<llvm::Type*, 4> skipped;
        LeafTypes(llvm::ExtractValueInst::getIndexedType(type, i), skipped);
        at += skipped.size();
      }
      type = llvm::ExtractValueInst::getIndexedType(type, index);
    }
    return at;
  };
  if (auto* extract = llvm::dyn_cast<llvm::ExtractValueInst>(&instruction)) {
    Leaves all = Vector(extract->getAggregateOperand());
    const size_t at = first_leaf(extract->getAggregateOperand()->getType(), extract->getIndices());
    llvm::SmallVector<llvm::Type*, 4> types;
    LeafTypes(extract->getType(), types);
    return Leaves(all.begin() + at, all.begin() + at + types.size());
  }
  if (auto* insert = llvm::dyn_cast<llvm::InsertValueInst>(&instruction)) {
    Leaves all = Vector(insert->getAggregateOperand());
    const size_t at = first_leaf(insert->getType(), insert->getIndices());
    const Leaves part = Vector(insert->getInsertedValueOperand());
    std::copy(part.begin(), part.end(), all.begin() + at);
    return all;
  }
  if (auto* extract = llvm::dyn_cast<llvm::ExtractElementInst>(&instruction)) {
    Leaves all = Vector(extract->getVectorOperand());
    if (auto* index = llvm::dyn_cast<llvm::ConstantInt>(extract->getIndexOperand()))
      return {all[index->getZExtValue() % all.size()]};
    Value* index = Vector1(extract->getIndexOperand());
    Value* result = all[0];
    for (size_t i = 1; i < all.size(); ++i) {
      Value* here = ir_.CreateICmpEQ(index, llvm::ConstantInt::get(index->getType(), i));
      result = ir_.CreateSelect(here, all[i], result);
    }
    return {result};
  }
  if (auto* insert = llvm::dyn_cast<llvm::InsertElementInst>(&instruction)) {
    Leaves all = Vector(insert->getOperand(0));
    Value* part = Vector1(insert->getOperand(1));
    if (auto* number = llvm::dyn_cast<llvm::ConstantInt>(insert->getOperand(2))) {
      all[number->getZExtValue() % all.size()] = part;
      return all;
    }
    Value* index = Vector1(insert->getOperand(2));
    for (size_t i = 0; i < all.size(); ++i) {
      Value* here = ir_.CreateICmpEQ(index, llvm::ConstantInt::get(index->getType(), i));
      all[i] = ir_.CreateSelect(here, part, all[i]);
    }
    return all;
  }
  if (auto* shuffle = llvm::dyn_cast<llvm::ShuffleVectorInst>(&instruction)) {
    Leaves all = Vector(shuffle->getOperand(0));
    all.append(Vector(shuffle->getOperand(1)));
    Leaves leaves;
    for (int index : shuffle->getShuffleMask()) {
      leaves.push_back(index >= 0 ? all[static_cast<size_t>(index)]
                                  : llvm::PoisonValue::get(all[0]->getType()));
    }
    return leaves;
  }
  return {};
}

// LLVM's own functions that work element by element.
Leaves Widener::WidenIntrinsic(const llvm::CallInst& call) {
  auto* intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(&call);
  if (intrinsic == nullptr) return {};
  const llvm::Intrinsic::ID id = intrinsic->getIntrinsicID();
  const bool with_overflow = llvm::isa<llvm::WithOverflowInst>(intrinsic);
  if (!llvm::isTriviallyVectorizable(id) && !with_overflow) return {};
  llvm::SmallVector<llvm::Type*, 4> types;
  LeafTypes(call.getType(), types);
  const size_t count = with_overflow ? 1 : types.size();
  llvm::SmallVector<Leaves, 3> operands;
  for (unsigned i = 0; i < call.arg_size(); ++i) {
    const Value* argument = call.getArgOperand(i);
    if (llvm::isVectorIntrinsicWithScalarOpAtArg(id, i, /*TTI=*/nullptr)) {
      if (!IsUniform(argument)) return {};
      operands.push_back(Leaves(count, Scalar(argument)));
    } else {
      operands.push_back(Vector(argument));
    }
  }
  Leaves leaves;
  for (size_t leaf = 0; leaf < count; ++leaf) {
    llvm::SmallVector<llvm::Type*, 3> overloads;
    llvm::SmallVector<Value*, 3> arguments;
    if (!with_overflow && llvm::isVectorIntrinsicWithOverloadTypeAtArg(id, -1, /*TTI=*/nullptr))
      overloads.push_back(WideType(types[leaf]));
    for (unsigned i = 0; i < operands.size(); ++i) {
      arguments.push_back(operands[i][leaf]);
      if (with_overflow ? i == 0
                        : llvm::isVectorIntrinsicWithOverloadTypeAtArg(id, static_cast<int>(i), nullptr))
        overloads.push_back(arguments.back()->getType());
    }
    llvm::Function* wide = llvm::Intrinsic::getOrInsertDeclaration(&module_, id, overloads);
    llvm::CallInst* made = ir_.CreateCall(wide, arguments);
    made->copyIRFlags(&call);
    if (with_overflow) {
      leaves = {ir_.CreateExtractValue(made, 0), ir_.CreateExtractValue(made, 1)};
    } else {
      leaves.push_back(made);
    }
  }
  return leaves;
}

}  // namespace tq::simt::vector
