// The forms a value can be had in.
#include "compiler/simt/vector/widener.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"

namespace tq::simt::vector {

using llvm::Value;

// The scalars that a type is made of.
void Widener::LeafTypes(llvm::Type* type, llvm::SmallVectorImpl<llvm::Type*>& types) const {
  if (auto* structure = llvm::dyn_cast<llvm::StructType>(type)) {
    for (llvm::Type* element : structure->elements()) LeafTypes(element, types);
  } else if (auto* array = llvm::dyn_cast<llvm::ArrayType>(type)) {
    for (uint64_t i = 0; i < array->getNumElements(); ++i) LeafTypes(array->getElementType(), types);
  } else if (auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(type)) {
    types.append(vector->getNumElements(), vector->getElementType());
  } else {
    types.push_back(type);
  }
}

Value* Widener::Splat(Value* scalar) { return ir_.CreateVectorSplat(kLanes, scalar); }

// The leaves of a value that is not wide.
Leaves Widener::SplitScalar(Value* scalar) {
  llvm::Type* type = scalar->getType();
  Leaves leaves;
  if (auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(type)) {
    for (unsigned i = 0; i < vector->getNumElements(); ++i)
      leaves.push_back(ir_.CreateExtractElement(scalar, i));
  } else if (type->isAggregateType()) {
    const unsigned count = type->isStructTy() ? type->getStructNumElements()
                                              : static_cast<unsigned>(type->getArrayNumElements());
    for (unsigned i = 0; i < count; ++i) leaves.append(SplitScalar(ir_.CreateExtractValue(scalar, i)));
  } else {
    leaves.push_back(scalar);
  }
  return leaves;
}

Value* Widener::JoinScalar(llvm::Type* type, llvm::ArrayRef<Value*> leaves) {
  Value* result = llvm::PoisonValue::get(type);
  if (auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(type)) {
    for (unsigned i = 0; i < vector->getNumElements(); ++i)
      result = ir_.CreateInsertElement(result, leaves[i], i);
    return result;
  }
  if (!type->isAggregateType()) return leaves[0];
  const unsigned count =
      type->isStructTy() ? type->getStructNumElements() : static_cast<unsigned>(type->getArrayNumElements());
  size_t used = 0;
  for (unsigned i = 0; i < count; ++i) {
    llvm::Type* element = llvm::ExtractValueInst::getIndexedType(type, i);
    llvm::SmallVector<llvm::Type*, 4> types;
    LeafTypes(element, types);
    result = ir_.CreateInsertValue(result, JoinScalar(element, leaves.slice(used, types.size())), i);
    used += types.size();
  }
  return result;
}

llvm::Constant* Widener::OffsetVector(const Pattern& pattern, llvm::Type* type) const {
  llvm::Type* number = type->isPointerTy() ? llvm::Type::getInt64Ty(to_.getContext()) : type;
  llvm::SmallVector<llvm::Constant*, kLanes> numbers;
  for (int64_t offset : pattern.offsets) {
    numbers.push_back(llvm::ConstantInt::get(number, static_cast<uint64_t>(offset), /*IsSigned=*/true,
                                             /*ImplicitTrunc=*/true));
  }
  return llvm::ConstantVector::get(numbers);
}

Value* Widener::Scalar(const Value* value) {
  if (auto* argument = llvm::dyn_cast<llvm::Argument>(value)) return to_.getArg(argument->getArgNo());
  if (!llvm::isa<llvm::Instruction>(value)) return const_cast<Value*>(value);
  auto found = scalars_.find(value);
  if (found != scalars_.end()) return found->second;
  Slots& slots = llvm::isa<llvm::PHINode>(value) ? copies_[value] : SlotsOf(*value);
  return scalars_[value] = LoadAtHead(slots.scalar);
}

Value* Widener::Valid(const Value* value) {
  if (!llvm::isa<llvm::Instruction>(value) || !HasPattern(value) || !lanes_.PatternOf(*value).is_conditional)
    return nullptr;
  auto found = valid_.find(value);
  if (found != valid_.end()) return found->second;
  Slots& slots = llvm::isa<llvm::PHINode>(value) ? copies_[value] : SlotsOf(*value);
  return valid_[value] = LoadAtHead(slots.valid);
}

void Widener::SetLeaves(const Value* value, Leaves leaves) {
  if (!detours_.empty()) detours_.back()->push_back(value);
  leaves_[value] = std::move(leaves);
}

Leaves Widener::Vector(const Value* value) {
  if (!llvm::isa<llvm::Instruction>(value)) {
    Leaves leaves;
    for (Value* leaf : SplitScalar(Scalar(value))) leaves.push_back(Splat(leaf));
    return leaves;
  }
  auto found = leaves_.find(value);
  if (found != leaves_.end()) return found->second;
  auto& instruction = llvm::cast<llvm::Instruction>(*value);
  Leaves leaves;
  if (IsUniform(value)) {
    for (Value* leaf : SplitScalar(Scalar(value))) leaves.push_back(Splat(leaf));
  } else if (HasPattern(value) && !lanes_.PatternOf(*value).is_conditional) {
    Value* base = Scalar(value);
    llvm::Constant* offsets = OffsetVector(lanes_.PatternOf(*value), value->getType());
    leaves.push_back(value->getType()->isPointerTy() ? ir_.CreateGEP(ir_.getInt8Ty(), base, offsets)
                                                     : ir_.CreateAdd(Splat(base), offsets));
  } else if (HasPattern(value) && !llvm::isa<llvm::PHINode>(value)) {
    leaves = Widen(instruction);
  } else {
    // From another block.
    Slots& slots = llvm::isa<llvm::PHINode>(value) ? copies_[value] : SlotsOf(*value);
    for (llvm::AllocaInst* slot : slots.leaves) leaves.push_back(LoadAtHead(slot));
    leaves_[value] = leaves;
    return leaves;
  }
  SetLeaves(value, leaves);
  return leaves;
}

}  // namespace tq::simt::vector
