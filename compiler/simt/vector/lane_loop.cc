// What has no vector form runs for one active lane after the other, as the scalar tier runs it.
#include <cstddef>

#include "base/cpu_abi.h"
#include "compiler/simt/vector/widener.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"

namespace tq::simt::vector {

using llvm::Value;

// Where a loop can pick single lanes.
llvm::AllocaInst* Widener::Spill(Value* vector) {
  llvm::Type* leaf = vector->getType()->getScalarType();
  if (leaf->isIntegerTy(1)) {
    leaf = ir_.getInt8Ty();
    vector = ir_.CreateZExt(vector, WideType(leaf));
  }
  llvm::AllocaInst* slot = NewSlot(llvm::ArrayType::get(leaf, kLanes), "spill");
  ir_.CreateAlignedStore(vector, slot, llvm::Align(64));
  return slot;
}

Value* Widener::LaneOf(Value* spilled, llvm::Type* leaf, Value* lane) {
  llvm::Type* stored = leaf->isIntegerTy(1) ? ir_.getInt8Ty() : leaf;
  Value* value = ir_.CreateLoad(stored, ir_.CreateInBoundsGEP(stored, spilled, lane));
  return leaf->isIntegerTy(1) ? ir_.CreateTrunc(value, leaf) : value;
}

// A fault of the machine is that of this thread, by its linear number; outside of loops over lanes, of lane
// 0's.
void Widener::NameThread(Value* linear) {
  Value* place =
      ir_.CreateConstInBoundsGEP1_64(ir_.getInt8Ty(), to_.getArg(0), offsetof(tq_cpu_thread, linear_tid));
  ir_.CreateStore(linear, place, /*isVolatile=*/true);
}

// Makes `thread` the thread of that lane.
void Widener::StepThread(Value* lane) {
  Value* thread = to_.getArg(0);
  auto set = [&](size_t offset, Value* value) {
    ir_.CreateStore(value, ir_.CreateConstInBoundsGEP1_64(ir_.getInt8Ty(), thread, offset));
  };
  const size_t offsets[] = {offsetof(tq_cpu_thread, tid.x), offsetof(tq_cpu_thread, tid.y),
                            offsetof(tq_cpu_thread, tid.z)};
  for (unsigned i = 0; i < 3; ++i) {
    Value* tid = to_.getArg(i + 1);
    if (tid->getType()->isVectorTy()) {
      tid = ir_.CreateExtractElement(tid, lane);
    } else if (i == 0) {
      tid = ir_.CreateAdd(tid, lane);
    }
    set(offsets[i], tid);
  }
  set(offsetof(tq_cpu_thread, linear_tid), ir_.CreateAdd(to_.getArg(4), lane));
  set(offsetof(tq_cpu_thread, lane), lane);
  set(offsetof(tq_cpu_thread, warp), ir_.CreateLShr(to_.getArg(4), ir_.getInt32(5)));
}

void Widener::LoopOverLanes(const llvm::Instruction& instruction) {
  struct Input {
    llvm::SmallVector<std::pair<llvm::AllocaInst*, llvm::Type*>, 2> leaves;
  };
  llvm::DenseMap<const Value*, Input> inputs;
  bool needs_thread = false;
  for (const llvm::Use& use : instruction.operands()) {
    const Value* operand = use.get();
    needs_thread |= operand == from_.getArg(0);
    auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
    if (call != nullptr && call->isCallee(&use)) {
      needs_thread |=
          call->getCalledFunction() != nullptr && Identify(*call->getCalledFunction()).has_value();
      continue;
    }
    if (IsUniform(operand) || inputs.contains(operand)) continue;
    Input input;
    for (Value* leaf : Vector(operand))
      input.leaves.push_back({Spill(leaf), leaf->getType()->getScalarType()});
    inputs[operand] = std::move(input);
  }
  llvm::SmallVector<llvm::Type*, 4> types;
  llvm::SmallVector<llvm::AllocaInst*, 4> results;
  const bool has_result = !instruction.getType()->isVoidTy();
  if (has_result) LeafTypes(instruction.getType(), types);
  for (llvm::Type* type : types) {
    llvm::Type* stored = type->isIntegerTy(1) ? ir_.getInt8Ty() : type;
    results.push_back(NewSlot(llvm::ArrayType::get(stored, kLanes), "result"));
  }

  llvm::LLVMContext& context = to_.getContext();
  llvm::BasicBlock* before = ir_.GetInsertBlock();
  llvm::BasicBlock* loop = llvm::BasicBlock::Create(context, "lane", &to_);
  llvm::BasicBlock* done = llvm::BasicBlock::Create(context, "lanes.done", &to_);
  Value* all = Bits(Mask());
  llvm::SmallVector<Value*, 8> uniforms;
  for (const llvm::Use& use : instruction.operands()) {
    if (IsUniform(use.get()) && !llvm::isa<llvm::BasicBlock>(use.get())) Scalar(use.get());
  }
  ir_.CreateBr(loop);
  ir_.SetInsertPoint(loop);
  llvm::PHINode* left = ir_.CreatePHI(ir_.getInt32Ty(), 2);
  left->addIncoming(all, before);
  Value* lane = ir_.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, left, ir_.getTrue());
  const bool can_fault = instruction.mayReadOrWriteMemory();
  if (needs_thread) {
    StepThread(lane);
  } else if (can_fault) {
    NameThread(ir_.CreateAdd(to_.getArg(4), lane));
  }
  llvm::Instruction* clone = instruction.clone();
  for (llvm::Use& use : clone->operands()) {
    const Value* operand = use.get();
    auto found = inputs.find(operand);
    if (found == inputs.end()) {
      use.set(llvm::isa<llvm::Function>(operand) ? const_cast<Value*>(operand) : Scalar(operand));
      continue;
    }
    llvm::SmallVector<Value*, 4> leaves;
    for (const auto& [slot, type] : found->second.leaves) leaves.push_back(LaneOf(slot, type, lane));
    use.set(JoinScalar(operand->getType(), leaves));
  }
  ir_.Insert(clone);
  if (has_result) {
    const Leaves leaves = SplitScalar(clone);
    for (size_t i = 0; i < leaves.size(); ++i) {
      Value* stored = types[i]->isIntegerTy(1) ? ir_.CreateZExt(leaves[i], ir_.getInt8Ty()) : leaves[i];
      ir_.CreateStore(stored, ir_.CreateInBoundsGEP(stored->getType(), results[i], lane));
    }
  }
  Value* next = ir_.CreateAnd(left, ir_.CreateSub(left, ir_.getInt32(1)));
  left->addIncoming(next, ir_.GetInsertBlock());
  ir_.CreateCondBr(ir_.CreateICmpNE(next, ir_.getInt32(0)), loop, done);
  ir_.SetInsertPoint(done);
  if (needs_thread || can_fault) NameThread(to_.getArg(4));
  if (!has_result) return;
  Leaves leaves;
  for (size_t i = 0; i < types.size(); ++i) {
    llvm::Type* stored = types[i]->isIntegerTy(1) ? ir_.getInt8Ty() : types[i];
    Value* value = ir_.CreateAlignedLoad(WideType(stored), results[i], llvm::Align(64));
    leaves.push_back(types[i]->isIntegerTy(1) ? ir_.CreateTrunc(value, WideType(types[i])) : value);
  }
  if (IsUniform(&instruction)) {
    // What is the same for all is one lane's.
    Value* first = ir_.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, all, ir_.getTrue());
    llvm::SmallVector<Value*, 4> scalars;
    for (Value* leaf : leaves) scalars.push_back(ir_.CreateExtractElement(leaf, first));
    SetScalar(&instruction, JoinScalar(instruction.getType(), scalars));
    return;
  }
  SetLeaves(&instruction, std::move(leaves));
}

// Faults and failed assertions: the lowest lane's is the one that is reported.
void Widener::EmitEnd(const llvm::CallInst& call) {
  Value* lane = ir_.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, Bits(Mask()), ir_.getTrue());
  StepThread(lane);
  llvm::Instruction* clone = call.clone();
  for (unsigned i = 0; i < call.arg_size(); ++i) {
    const Value* argument = call.getArgOperand(i);
    if (IsUniform(argument)) {
      clone->setOperand(i, Scalar(argument));
      continue;
    }
    llvm::SmallVector<Value*, 4> leaves;
    for (Value* leaf : Vector(argument)) leaves.push_back(ir_.CreateExtractElement(leaf, lane));
    clone->setOperand(i, JoinScalar(argument->getType(), leaves));
  }
  ir_.Insert(clone);
}

}  // namespace tq::simt::vector
