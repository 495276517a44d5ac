// PTX ISA, "Parallel Synchronization and Communication Instructions": shfl, vote, match, redux, elect,
// activemask and bar.warp.sync. Forms from before PTX 6.0 have no member mask; 0 stands for it.
#include "compiler/lower/lowering.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Slot;
using ptx::Suffix;
using ptx::Type;
using simt::Intrinsic;

struct Choice {
  Suffix suffix;
  Intrinsic intrinsic;
};

constexpr Choice kShuffles[] = {{Suffix::kUp, Intrinsic::kShflUp},
                                {Suffix::kDown, Intrinsic::kShflDown},
                                {Suffix::kBfly, Intrinsic::kShflBfly},
                                {Suffix::kIdx, Intrinsic::kShflIdx}};
constexpr Choice kVotes[] = {{Suffix::kAll, Intrinsic::kVoteAll},
                             {Suffix::kAny, Intrinsic::kVoteAny},
                             {Suffix::kUni, Intrinsic::kVoteUni},
                             {Suffix::kBallot, Intrinsic::kVoteBallot}};
constexpr Choice kUnsignedReductions[] = {
    {Suffix::kAdd, Intrinsic::kReduxAdd},  {Suffix::kMin, Intrinsic::kReduxUmin},
    {Suffix::kMax, Intrinsic::kReduxUmax}, {Suffix::kAnd, Intrinsic::kReduxAnd},
    {Suffix::kOr, Intrinsic::kReduxOr},    {Suffix::kXor, Intrinsic::kReduxXor}};
constexpr Choice kSignedReductions[] = {{Suffix::kAdd, Intrinsic::kReduxAdd},
                                        {Suffix::kMin, Intrinsic::kReduxSmin},
                                        {Suffix::kMax, Intrinsic::kReduxSmax}};
constexpr Choice kFloatReductions[] = {{Suffix::kMin, Intrinsic::kReduxFmin},
                                       {Suffix::kMax, Intrinsic::kReduxFmax}};

template <size_t count>
Intrinsic Choose(const Choice (&choices)[count], Suffix suffix) {
  for (const Choice& choice : choices) {
    if (choice.suffix == suffix) return choice.intrinsic;
  }
  return choices[0].intrinsic;  // the table's slots hold no other suffix
}

Value* MemberMask(FunctionLowering& f, const ptx::Instruction& inst, size_t index) {
  if (index >= inst.operands.size()) return f.ir().getInt32(0);
  return f.Read(inst.operands[index], Type::kB32);
}

// `d|p` from {i32, i1}.
void WritePair(FunctionLowering& f, const ptx::Operand& operand, Value* pair) {
  f.Write(FunctionLowering::First(operand), f.ir().CreateExtractValue(pair, 0), Type::kB32);
  f.Write(FunctionLowering::Second(operand), f.ir().CreateExtractValue(pair, 1), Type::kPred);
}

}  // namespace

void LowerShuffle(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* value = f.Read(inst.operands[1], Type::kB32);
  Value* b = f.Read(inst.operands[2], Type::kU32);
  Value* c = f.Read(inst.operands[3], Type::kU32);
  Value* mask = MemberMask(f, inst, 4);
  WritePair(f, inst.operands[0], f.Tq(Choose(kShuffles, inst.Get(Slot::kMode)), {mask, value, b, c}));
}

void LowerVote(FunctionLowering& f, const ptx::Instruction& inst) {
  const Suffix mode = inst.Get(Slot::kMode);
  Value* predicate = f.Read(inst.operands[1], Type::kPred);
  Value* result = f.Tq(Choose(kVotes, mode), {MemberMask(f, inst, 2), predicate});
  f.Write(inst.operands[0], result, mode == Suffix::kBallot ? Type::kB32 : Type::kPred);
}

void LowerMatch(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* value = f.ir().CreateZExt(f.Read(inst.operands[1], inst.GetType(Slot::kType)), f.ir().getInt64Ty());
  Value* mask = MemberMask(f, inst, 2);
  if (inst.Get(Slot::kMode) == Suffix::kAny) {
    f.Write(inst.operands[0], f.Tq(Intrinsic::kMatchAny, {mask, value}), Type::kB32);
    return;
  }
  WritePair(f, inst.operands[0], f.Tq(Intrinsic::kMatchAll, {mask, value}));
}

void LowerRedux(FunctionLowering& f, const ptx::Instruction& inst) {
  const Type type = inst.GetType(Slot::kType);
  const Suffix op = inst.Get(Slot::kOp);
  Value* value = f.ToBits(f.Read(inst.operands[1], type));
  Value* mask = MemberMask(f, inst, 2);
  if (type == Type::kF32) {
    Value* flags = f.ir().getInt32((inst.Has(Slot::kAbs) ? 1 : 0) | (inst.Has(Slot::kNaN) ? 2 : 0));
    Value* bits = f.Tq(Choose(kFloatReductions, op), {mask, value, flags});
    f.Write(inst.operands[0], f.FromBits(bits, type), type);
    return;
  }
  const Intrinsic intrinsic =
      ptx::IsSigned(type) ? Choose(kSignedReductions, op) : Choose(kUnsignedReductions, op);
  f.Write(inst.operands[0], f.Tq(intrinsic, {mask, value}), type);
}

void LowerElect(FunctionLowering& f, const ptx::Instruction& inst) {
  WritePair(f, inst.operands[0], f.Tq(Intrinsic::kElect, {f.Read(inst.operands[1], Type::kB32)}));
}

void LowerActiveMask(FunctionLowering& f, const ptx::Instruction& inst) {
  f.Write(inst.operands[0], f.Tq(Intrinsic::kActivemask), Type::kB32);
}

void LowerWarpBarrier(FunctionLowering& f, const ptx::Instruction& inst) {
  f.Tq(Intrinsic::kWarpsync, {f.Read(inst.operands[0], Type::kB32)});
}

}  // namespace tq::lower
