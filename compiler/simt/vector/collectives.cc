// The functions of SIMT IR (intrinsics.def), for a warp.
#include <array>

#include "base/cpu_abi.h"
#include "compiler/simt/vector/split_at_barriers.h"
#include "compiler/simt/vector/warp_entry.h"
#include "compiler/simt/vector/widener.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicsX86.h"

namespace tq::simt::vector {

using llvm::Value;

// False: like any other instruction.
bool Widener::EmitIntrinsic(const llvm::CallInst& call, Intrinsic intrinsic) {
  switch (intrinsic) {
    case Intrinsic::kTidX:
    case Intrinsic::kTidY:
    case Intrinsic::kTidZ: {
      Value* tid = to_.getArg(1 + static_cast<unsigned>(intrinsic) - static_cast<unsigned>(Intrinsic::kTidX));
      if (tid->getType()->isVectorTy()) {
        SetLeaves(&call, {tid});
      } else {
        SetScalar(&call, tid);
      }
      return true;
    }
    case Intrinsic::kLaneid:
      SetScalar(&call, ir_.getInt32(0));
      return true;
    case Intrinsic::kWarpid:
      SetScalar(&call, ir_.CreateLShr(to_.getArg(4), ir_.getInt32(5)));
      return true;
    case Intrinsic::kActivemask:
      SetScalar(&call, Bits(Mask()));
      return true;
    case Intrinsic::kBarrier:
    case Intrinsic::kBarrierReduce:
    case Intrinsic::kBarrierArrive:
      EmitBarrier(call, intrinsic);
      return true;
    case Intrinsic::kWarpsync:
      // Lanes are together; memory stays in order.
      ir_.CreateFence(llvm::AtomicOrdering::SequentiallyConsistent, llvm::SyncScope::SingleThread);
      return true;
    case Intrinsic::kYield:
    case Intrinsic::kClusterArrive:
    case Intrinsic::kClusterWait:
    case Intrinsic::kClock64:
    case Intrinsic::kGlobaltimer: {
      llvm::Instruction* clone = call.clone();
      for (unsigned i = 0; i < call.arg_size(); ++i) {
        const Value* argument = call.getArgOperand(i);
        clone->setOperand(i, IsUniform(argument) ? Scalar(argument)
                                                 : ir_.CreateExtractElement(Vector1(argument), uint64_t{0}));
      }
      ir_.Insert(clone);
      if (!call.getType()->isVoidTy()) SetScalar(&call, clone);
      return true;
    }
    case Intrinsic::kFault:
    case Intrinsic::kAssertFail:
      EmitEnd(call);
      return true;
    default:
      break;
  }
  if (EffectOf(intrinsic) == Effect::kWarp) {
    EmitCollective(call, intrinsic);
    return true;
  }
  if (EffectOf(intrinsic) == Effect::kMatrix || EffectOf(intrinsic) == Effect::kMatrixMove) {
    EmitMatrix(call, intrinsic);
    return true;
  }
  if (EffectOf(intrinsic) == Effect::kService || !IsUniform(&call)) {
    LoopOverLanes(call);
    return true;
  }
  return false;
}

// ---- Barriers ----

// The barrier of a warp: its lanes that are left come together (see Eligibility).
void Widener::EmitBarrier(const llvm::CallInst& call, Intrinsic intrinsic) {
  llvm::Type* i32 = ir_.getInt32Ty();
  auto argument = [&](unsigned i) -> Value* { return Scalar(call.getArgOperand(i)); };
  if (intrinsic == Intrinsic::kBarrierArrive) {
    llvm::FunctionCallee callee = module_.getOrInsertFunction(
        "tq_barrier_arrive", llvm::FunctionType::get(ir_.getVoidTy(), {ir_.getPtrTy(), i32, i32}, false));
    ir_.CreateCall(callee, {to_.getArg(0), argument(0), argument(1)});
    return;
  }
  if (splits_) return EmitSplit(call, intrinsic);
  Value* operation = ir_.getInt32(TQ_CPU_BARRIER_NONE);
  Value* holders = ir_.getInt32(0);
  if (intrinsic == Intrinsic::kBarrierReduce) {
    operation = argument(2);
    Value* value = Vector1(call.getArgOperand(3));
    holders = Bits(And(Mask(), ir_.CreateICmpNE(value, llvm::Constant::getNullValue(value->getType()))));
  }
  llvm::FunctionCallee callee = module_.getOrInsertFunction(
      "tq_warp_barrier", llvm::FunctionType::get(i32, {ir_.getPtrTy(), i32, i32, i32, i32, i32}, false));
  llvm::CallInst* made =
      ir_.CreateCall(callee, {to_.getArg(0), argument(0), argument(1), operation, Bits(Mask()), holders});
  made->setDoesNotThrow();
  if (intrinsic == Intrinsic::kBarrierReduce) SetScalar(&call, made);
}

// The place of a barrier at which the function will be cut. Arrivals are counted for bar.red before it, and
// the counts of all read behind it.
void Widener::EmitSplit(const llvm::CallInst& call, Intrinsic intrinsic) {
  llvm::FunctionCallee mark =
      module_.getOrInsertFunction(kBarrierMark, llvm::FunctionType::get(ir_.getVoidTy(), false));
  if (intrinsic == Intrinsic::kBarrier) {
    ir_.CreateCall(mark);
    return;
  }
  llvm::Type* i32 = ir_.getInt32Ty();
  Value* value = Vector1(call.getArgOperand(3));
  Value* holders = And(Mask(), ir_.CreateICmpNE(value, llvm::Constant::getNullValue(value->getType())));
  auto count = [&](Value* lanes) { return ir_.CreateUnaryIntrinsic(llvm::Intrinsic::ctpop, Bits(lanes)); };
  auto part = [&](unsigned argument, uint64_t index) {
    return ir_.CreateConstInBoundsGEP1_64(i32, to_.getArg(argument), index);
  };
  for (const auto& [index, lanes] : llvm::enumerate(std::array<Value*, 2>{holders, Mask()})) {
    Value* place = part(kArrivedArgument, index);
    ir_.CreateStore(ir_.CreateAdd(ir_.CreateLoad(i32, place), count(lanes)), place);
  }
  ir_.CreateCall(mark);
  Value* held = ir_.CreateLoad(i32, part(kCountedArgument, 0));
  Value* all = ir_.CreateLoad(i32, part(kCountedArgument, 1));
  Value* operation = Scalar(call.getArgOperand(2));
  Value* every = ir_.CreateZExt(ir_.CreateICmpEQ(held, all), i32);
  Value* some = ir_.CreateZExt(ir_.CreateICmpNE(held, ir_.getInt32(0)), i32);
  Value* result =
      ir_.CreateSelect(ir_.CreateICmpEQ(operation, ir_.getInt32(TQ_CPU_BARRIER_AND)), every, some);
  SetScalar(&call,
            ir_.CreateSelect(ir_.CreateICmpEQ(operation, ir_.getInt32(TQ_CPU_BARRIER_POPC)), held, result));
}

// ---- Collectives ----

// Lanes that name different masks are groups of their own, one after the other.
void Widener::EmitCollective(const llvm::CallInst& call, Intrinsic intrinsic) {
  const Value* mask = call.arg_size() > 0 ? call.getArgOperand(0) : nullptr;
  if (IsUniform(mask)) {
    Value* bits = Scalar(mask);
    Value* present = Mask();
    auto* number = llvm::dyn_cast<llvm::ConstantInt>(bits);
    if (number == nullptr) {
      Value* named = ir_.CreateSelect(ir_.CreateICmpEQ(bits, ir_.getInt32(0)), ir_.getInt32(~0u), bits);
      present = And(present, ir_.CreateBitCast(named, WideType(ir_.getInt1Ty())));
    } else if (!number->isZero() && !number->isMinusOne()) {
      present = And(present, ir_.CreateBitCast(bits, WideType(ir_.getInt1Ty())));
    }
    Leaves leaves = Collect(call, intrinsic, present);
    if (IsUniform(&call)) {
      SetScalar(&call, JoinScalar(call.getType(), leaves));
    } else {
      for (Value*& leaf : leaves) {
        if (!leaf->getType()->isVectorTy()) leaf = Splat(leaf);
      }
      SetLeaves(&call, std::move(leaves));
    }
    return;
  }
  Value* masks = Vector1(mask);
  for (const Value* argument : call.args()) Vector(argument);  // what the loop needs, outside of it
  llvm::SmallVector<llvm::Type*, 2> types;
  LeafTypes(call.getType(), types);
  llvm::LLVMContext& context = to_.getContext();
  Value* all = Bits(Mask());
  llvm::BasicBlock* before = ir_.GetInsertBlock();
  llvm::BasicBlock* loop = llvm::BasicBlock::Create(context, "group", &to_);
  llvm::BasicBlock* done = llvm::BasicBlock::Create(context, "groups.done", &to_);
  ir_.CreateBr(loop);
  ir_.SetInsertPoint(loop);
  llvm::PHINode* left = ir_.CreatePHI(ir_.getInt32Ty(), 2);
  left->addIncoming(all, before);
  llvm::SmallVector<llvm::PHINode*, 2> results;
  for (llvm::Type* type : types) {
    results.push_back(ir_.CreatePHI(WideType(type), 2));
    results.back()->addIncoming(llvm::PoisonValue::get(WideType(type)), before);
  }
  Value* lane = ir_.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, left, ir_.getTrue());
  Value* leader = ir_.CreateExtractElement(masks, lane);
  Value* group =
      And(ir_.CreateBitCast(left, WideType(ir_.getInt1Ty())), ir_.CreateICmpEQ(masks, Splat(leader)));
  Leaves leaves;
  {
    const Detour detour(*this);
    leaves = Collect(call, intrinsic, group);
  }
  for (size_t i = 0; i < leaves.size(); ++i) {
    Value* wide = leaves[i]->getType()->isVectorTy() ? leaves[i] : Splat(leaves[i]);
    Value* merged = ir_.CreateSelect(group, wide, results[i]);
    results[i]->addIncoming(merged, ir_.GetInsertBlock());
    leaves[i] = merged;
  }
  Value* next = ir_.CreateAnd(left, ir_.CreateNot(Bits(group)));
  left->addIncoming(next, ir_.GetInsertBlock());
  for (llvm::PHINode* result : results) {
    if (result->getNumIncomingValues() == 2) result->setIncomingBlock(1, ir_.GetInsertBlock());
  }
  ir_.CreateCondBr(ir_.CreateICmpNE(next, ir_.getInt32(0)), loop, done);
  ir_.SetInsertPoint(done);
  SetLeaves(&call, std::move(leaves));
}

// One group, of the lanes `present`. Results that are the same for all of it are scalars.
Leaves Widener::Collect(const llvm::CallInst& call, Intrinsic intrinsic, Value* present) {
  Value* bits = Bits(present);
  auto holders = [&]() -> Value* { return Bits(And(present, Vector1(call.getArgOperand(1)))); };
  switch (intrinsic) {
    case Intrinsic::kShflUp:
    case Intrinsic::kShflDown:
    case Intrinsic::kShflBfly:
    case Intrinsic::kShflIdx:
      return Shuffle(call, intrinsic, present);
    case Intrinsic::kVoteBallot:
      return {holders()};
    case Intrinsic::kVoteAll:
      return {ir_.CreateICmpEQ(holders(), bits)};
    case Intrinsic::kVoteAny:
      return {ir_.CreateICmpNE(holders(), ir_.getInt32(0))};
    case Intrinsic::kVoteUni: {
      Value* votes = holders();
      return {ir_.CreateOr(ir_.CreateICmpEQ(votes, ir_.getInt32(0)), ir_.CreateICmpEQ(votes, bits))};
    }
    case Intrinsic::kMatchAny:
      return {MatchAny(Vector1(call.getArgOperand(1)), present)};
    case Intrinsic::kMatchAll: {
      Value* values = Vector1(call.getArgOperand(1));
      Value* lane = ir_.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, bits, ir_.getTrue());
      Value* equal = ir_.CreateICmpEQ(values, Splat(ir_.CreateExtractElement(values, lane)));
      Value* all = ir_.CreateICmpEQ(Bits(And(present, equal)), bits);
      return {ir_.CreateSelect(all, bits, ir_.getInt32(0)), all};
    }
    case Intrinsic::kElect: {
      Value* leader = ir_.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, bits, ir_.getTrue());
      return {Splat(leader), ir_.CreateICmpEQ(LaneNumbers(), Splat(leader))};
    }
    default:
      return {Reduce(intrinsic, call, present)};
  }
}

Value* Widener::Permute(Value* vector, Value* index) {
  if (auto* constant = llvm::dyn_cast<llvm::Constant>(index)) {
    llvm::SmallVector<int, kLanes> mask;
    for (unsigned i = 0; i < kLanes; ++i) {
      auto* number = llvm::dyn_cast_or_null<llvm::ConstantInt>(constant->getAggregateElement(i));
      mask.push_back(number != nullptr ? static_cast<int>(number->getZExtValue() % kLanes) : -1);
    }
    return ir_.CreateShuffleVector(vector, mask);
  }
  llvm::SmallVector<int, 16> low, high;
  for (int i = 0; i < 16; ++i) {
    low.push_back(i);
    high.push_back(i + 16);
  }
  if (machine_.avx512) {
    Value* a = ir_.CreateShuffleVector(vector, low);
    Value* b = ir_.CreateShuffleVector(vector, high);
    llvm::SmallVector<int, kLanes> both(low.begin(), low.end());
    both.append(high.begin(), high.end());
    auto half = [&](llvm::ArrayRef<int> which) {
      return ir_.CreateIntrinsic(llvm::Intrinsic::x86_avx512_vpermi2var_d_512, {},
                                 {a, ir_.CreateShuffleVector(index, which), b});
    };
    Value* first = half(low);
    Value* second = half(high);
    return ir_.CreateShuffleVector(first, second, both);
  }
  llvm::AllocaInst* spilled = Spill(vector);
  Value* result = llvm::PoisonValue::get(vector->getType());
  for (unsigned i = 0; i < kLanes; ++i) {
    Value* lane = ir_.CreateAnd(ir_.CreateExtractElement(index, i), ir_.getInt32(kLanes - 1));
    result = ir_.CreateInsertElement(result, LaneOf(spilled, ir_.getInt32Ty(), lane), i);
  }
  return result;
}

// shfl (PTX ISA, "shfl.sync"), as warp.c of the device library does it for one lane.
Leaves Widener::Shuffle(const llvm::CallInst& call, Intrinsic intrinsic, Value* present) {
  Value* values = Vector1(call.getArgOperand(1));
  Value* zero = llvm::Constant::getNullValue(values->getType());
  Value* shared = ir_.CreateSelect(present, values, zero);
  if (IsUniform(&call)) {
    Value* source = ir_.CreateAnd(Scalar(call.getArgOperand(2)), ir_.getInt32(31));
    return {ir_.CreateExtractElement(shared, source), ir_.getTrue()};
  }
  auto number = [&](uint32_t value) { return Splat(ir_.getInt32(value)); };
  Value* lane = LaneNumbers();
  Value* distance = ir_.CreateAnd(Vector1(call.getArgOperand(2)), number(31));
  Value* c = Vector1(call.getArgOperand(3));
  Value* clamp = ir_.CreateAnd(c, number(31));
  Value* segment = ir_.CreateAnd(ir_.CreateLShr(c, number(8)), number(31));
  Value* outside = ir_.CreateNot(segment);
  Value* first = ir_.CreateAnd(lane, segment);
  Value* last = ir_.CreateOr(first, ir_.CreateAnd(clamp, outside));
  Value* source;
  Value* in_range;
  if (intrinsic == Intrinsic::kShflUp) {
    source = ir_.CreateSub(lane, distance);
    in_range = ir_.CreateICmpSGE(source, last);
  } else {
    if (intrinsic == Intrinsic::kShflDown) {
      source = ir_.CreateAdd(lane, distance);
    } else if (intrinsic == Intrinsic::kShflBfly) {
      source = ir_.CreateXor(lane, distance);
    } else {
      source = ir_.CreateOr(first, ir_.CreateAnd(distance, outside));
    }
    in_range = ir_.CreateICmpSLE(source, last);
  }
  // Out of the warp: nobody's value, 0.
  Value* exists = ir_.CreateICmpULT(source, number(kLanes));
  Value* theirs = Permute(shared, ir_.CreateAnd(source, number(kLanes - 1)));
  theirs = ir_.CreateSelect(exists, theirs, zero);
  return {ir_.CreateSelect(in_range, theirs, values), in_range};
}

Value* Widener::MatchAny(Value* values, Value* present) {
  llvm::LLVMContext& context = to_.getContext();
  llvm::BasicBlock* before = ir_.GetInsertBlock();
  Value* all = Bits(present);
  llvm::BasicBlock* loop = llvm::BasicBlock::Create(context, "match", &to_);
  llvm::BasicBlock* done = llvm::BasicBlock::Create(context, "matched", &to_);
  ir_.CreateBr(loop);
  ir_.SetInsertPoint(loop);
  llvm::PHINode* left = ir_.CreatePHI(ir_.getInt32Ty(), 2);
  llvm::PHINode* result = ir_.CreatePHI(WideType(ir_.getInt32Ty()), 2);
  left->addIncoming(all, before);
  result->addIncoming(llvm::Constant::getNullValue(result->getType()), before);
  Value* lane = ir_.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, left, ir_.getTrue());
  Value* equal = And(present, ir_.CreateICmpEQ(values, Splat(ir_.CreateExtractElement(values, lane))));
  Value* bits = Bits(equal);
  Value* merged = ir_.CreateSelect(equal, Splat(bits), result);
  Value* next = ir_.CreateAnd(left, ir_.CreateNot(bits));
  left->addIncoming(next, loop);
  result->addIncoming(merged, loop);
  ir_.CreateCondBr(ir_.CreateICmpNE(next, ir_.getInt32(0)), loop, done);
  ir_.SetInsertPoint(done);
  return merged;
}

Value* Widener::Reduce(Intrinsic intrinsic, const llvm::CallInst& call, Value* present) {
  Value* values = Vector1(call.getArgOperand(1));
  auto others = [&](uint32_t neutral) {
    return ir_.CreateSelect(present, values, Splat(ir_.getInt32(neutral)));
  };
  switch (intrinsic) {
    case Intrinsic::kReduxAdd:
      return ir_.CreateAddReduce(others(0));
    case Intrinsic::kReduxAnd:
      return ir_.CreateAndReduce(others(UINT32_MAX));
    case Intrinsic::kReduxOr:
      return ir_.CreateOrReduce(others(0));
    case Intrinsic::kReduxXor:
      return ir_.CreateXorReduce(others(0));
    case Intrinsic::kReduxSmin:
      return ir_.CreateIntMinReduce(others(INT32_MAX), /*IsSigned=*/true);
    case Intrinsic::kReduxSmax:
      return ir_.CreateIntMaxReduce(others(0x80000000), /*IsSigned=*/true);
    case Intrinsic::kReduxUmin:
      return ir_.CreateIntMinReduce(others(UINT32_MAX));
    case Intrinsic::kReduxUmax:
      return ir_.CreateIntMaxReduce(others(0));
    default:
      break;
  }
  // redux.f32 (warp.c, redux_float): numbers ordered as integers, NaN apart.
  const bool wants_max = intrinsic == Intrinsic::kReduxFmax;
  auto number = [&](uint32_t value) { return Splat(ir_.getInt32(value)); };
  Value* flags = Vector1(call.getArgOperand(2));
  Value* magnitude = ir_.CreateAnd(values, number(0x7fffffff));
  Value* is_abs = ir_.CreateICmpNE(ir_.CreateAnd(flags, number(1)), number(0));
  Value* bits = ir_.CreateSelect(is_abs, magnitude, values);
  Value* is_nan = ir_.CreateICmpUGT(magnitude, number(0x7f800000));
  Value* order = ir_.CreateXor(bits, ir_.CreateLShr(ir_.CreateAShr(bits, number(31)), number(1)));
  Value* counted = And(present, ir_.CreateNot(is_nan));
  Value* neutral = number(wants_max ? 0x80000000 : 0x7fffffff);
  Value* masked = ir_.CreateSelect(counted, order, neutral);
  Value* best = wants_max ? ir_.CreateIntMaxReduce(masked, true) : ir_.CreateIntMinReduce(masked, true);
  Value* back = ir_.CreateXor(best, ir_.CreateLShr(ir_.CreateAShr(best, ir_.getInt32(31)), ir_.getInt32(1)));
  Value* found = Any(counted);
  Value* wants_nan = Any(And(present, ir_.CreateICmpNE(ir_.CreateAnd(flags, number(2)), number(0))));
  Value* is_lost = ir_.CreateOr(ir_.CreateNot(found), ir_.CreateAnd(wants_nan, Any(And(present, is_nan))));
  return ir_.CreateSelect(is_lost, ir_.getInt32(0x7fffffff), back);
}

}  // namespace tq::simt::vector
