// PTX ISA, "TensorCore 5th Generation Family Instructions". All of them are done where they are issued, so
// that commit and wait have little left to do: loads and stores by each thread for itself, allocation by the
// first lane of the warp, products and copies by the thread that issues them (compiler/devicelib/tensor_*.c).
#include <array>
#include <string>
#include <vector>

#include "base/cpu_abi.h"
#include "compiler/devicelib/tensor_op.h"
#include "compiler/lower/cluster_blocks.h"
#include "compiler/lower/float_modifiers.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/mbarrier.h"
#include "compiler/lower/named_operand.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Operand;
using ptx::Slot;
using ptx::Space;
using ptx::Suffix;
using ptx::Type;
using simt::Intrinsic;

constexpr uint32_t kWordBytes = 4, kFullWarp = 0xffffffff;

bool IsPair(const ptx::Instruction& inst) { return inst.Get(Slot::kGroup) == Suffix::kCtaGroup_2; }

// The 32 bits of an address in tensor memory.
Value* TensorAddress(FunctionLowering& f, const ptx::Instruction& inst, std::string_view name) {
  return f.ir().CreateTrunc(f.Address(inst.operands[IndexOf(inst, name)], Space::kShared),
                            f.ir().getInt32Ty());
}

// Tensor memory of the block of that rank; a kernel that cannot have any faults.
Value* TensorMemory(FunctionLowering& f, Value* rank) {
  Value* memory = f.Tq(Intrinsic::kTensorMemory, {rank});
  f.FaultIf(f.ir().CreateIsNull(memory), TQ_CPU_FAULT_ILLEGAL_INSTRUCTION, f.ir().getInt64(0));
  return memory;
}

Value* OwnTensorMemory(FunctionLowering& f) { return TensorMemory(f, f.ir().getInt32(TQ_CPU_OWN_BLOCK)); }

// The ranks of the blocks that an instruction is for: its own, or the pair's (PTX ISA, "CTA Pair").
std::vector<Value*> Blocks(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  if (!IsPair(inst)) return {ir.getInt32(TQ_CPU_OWN_BLOCK)};
  Value* shared = ir.CreatePtrToInt(f.Tq(Intrinsic::kSharedBase), ir.getInt64Ty());
  Value* own = f.Tq(Intrinsic::kClusterRankOf, {shared});
  return {ir.CreateAnd(own, ir.getInt32(~1u)), ir.CreateOr(own, ir.getInt32(1))};
}

Value* SharedMemory(FunctionLowering& f, const ptx::Instruction& inst, Value* rank) {
  return IsPair(inst) ? f.Tq(Intrinsic::kClusterSharedBase, {rank}) : f.Tq(Intrinsic::kSharedBase);
}

// Faults as a function of the device library says.
void FaultOn(FunctionLowering& f, Value* status) {
  for (uint32_t kind :
       {TQ_CPU_FAULT_MISALIGNED_ADDRESS, TQ_CPU_FAULT_ILLEGAL_ADDRESS, TQ_CPU_FAULT_ILLEGAL_INSTRUCTION}) {
    f.FaultIf(f.ir().CreateICmpEQ(status, f.ir().getInt32(kind)), kind, f.ir().getInt64(0));
  }
}

// By one lane, with the warp together before and after.
template <typename Body>
void ByFirstLane(FunctionLowering& f, Body body) {
  f.Tq(Intrinsic::kWarpsync, {f.ir().getInt32(kFullWarp)});
  f.If(f.ir().CreateICmpEQ(f.Tq(Intrinsic::kLaneid), f.ir().getInt32(0)), body);
  f.Tq(Intrinsic::kWarpsync, {f.ir().getInt32(kFullWarp)});
}

// A power of two from 32 to 512.
Value* AllocationColumns(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  Value* columns = f.Read(inst.operands[1], Type::kU32);
  Value* is_power =
      ir.CreateICmpEQ(ir.CreateAnd(columns, ir.CreateSub(columns, ir.getInt32(1))), ir.getInt32(0));
  Value* is_in_range = ir.CreateICmpULE(ir.CreateSub(columns, ir.getInt32(32)), ir.getInt32(512 - 32));
  f.FaultIf(ir.CreateNot(ir.CreateAnd(is_power, is_in_range)), TQ_CPU_FAULT_ILLEGAL_INSTRUCTION, columns);
  return columns;
}

// How a shape spreads over the warp (PTX ISA, "Data Movement Shape"): lanes and columns of a thread's
// registers.
struct Fragment {
  uint32_t lanes = 32;
  uint32_t width = 1;      // columns that `num` counts
  uint32_t registers = 1;  // of a thread in as many
  uint32_t eighth = 0;     // the bit of a register's number that says: 8 lanes further down; 0: none
};
struct FragmentOfShape {
  Suffix shape;
  Fragment fragment;
};
constexpr FragmentOfShape kFragments[] = {
    {Suffix::k32x32b, {32, 1, 1, 0}},  {Suffix::k16x64b, {16, 2, 1, 0}},   {Suffix::k16x128b, {16, 4, 2, 1}},
    {Suffix::k16x256b, {16, 8, 4, 2}}, {Suffix::k16x32bx2, {16, 1, 1, 0}},
};

class TensorFragment {
 public:
  TensorFragment(FunctionLowering& f, const ptx::Instruction& inst, size_t registers)
      : f_(f), shape_(inst.Get(Slot::kShape)) {
    auto& ir = f.ir();
    for (const FragmentOfShape& row : kFragments) {
      if (row.shape == shape_) fragment_ = row.fragment;
    }
    is_packed_ = inst.Has(Slot::kPack_16b) || inst.Has(Slot::kUnpack_16b);
    const size_t split = IndexOf(inst, "split");
    split_ = IsGiven(inst, split) ? static_cast<uint32_t>(inst.operands[split].bits) : 0;
    Value* address = TensorAddress(f, inst, "a");
    memory_ = OwnTensorMemory(f);
    Value* first_lane = ir.CreateLShr(address, 16);
    Value* first_column = ir.CreateAnd(address, ir.getInt32(0xffff));
    const auto columns =
        static_cast<uint32_t>(registers) / fragment_.registers * fragment_.width * Scale() + split_;
    Value* is_outside =
        ir.CreateOr(ir.CreateICmpUGT(first_lane, ir.getInt32(TQ_CPU_TENSOR_LANES - fragment_.lanes)),
                    ir.CreateICmpUGT(ir.CreateAdd(first_column, ir.getInt32(columns)),
                                     ir.getInt32(TQ_CPU_TENSOR_COLUMNS)));
    f.FaultIf(is_outside, TQ_CPU_FAULT_ILLEGAL_ADDRESS, address);
    lane_ = ir.CreateAdd(first_lane, ThreadLane());
    column_ = ir.CreateAdd(first_column, ThreadColumn());
  }

  Value* Load(uint32_t index) {
    if (!is_packed_) return f_.Load(Place(index, 0), f_.ir().getInt32Ty(), {});
    Value* low = f_.Load(Place(index, 0), f_.ir().getInt16Ty(), {});
    Value* high = f_.Load(Place(index, 1), f_.ir().getInt16Ty(), {});
    return f_.ir().CreateOr(f_.ir().CreateZExt(low, f_.ir().getInt32Ty()),
                            f_.ir().CreateShl(f_.ir().CreateZExt(high, f_.ir().getInt32Ty()), 16));
  }

  // Of a column that gets 16 bits, the others become zero.
  void Store(uint32_t index, Value* word) {
    if (!is_packed_) return f_.Store(Place(index, 0), word, {});
    f_.Store(Place(index, 0), f_.ir().CreateAnd(word, 0xffff), {});
    f_.Store(Place(index, 1), f_.ir().CreateLShr(word, 16), {});
  }

 private:
  uint32_t Scale() const { return is_packed_ ? 2 : 1; }

  Value* ThreadLane() {
    auto& ir = f_.ir();
    Value* thread = f_.Tq(Intrinsic::kLaneid);
    switch (shape_) {
      case Suffix::k32x32b:
        return thread;
      case Suffix::k16x32bx2:
        return ir.CreateAnd(thread, 15);
      case Suffix::k16x64b:
        return ir.CreateAdd(ir.CreateLShr(thread, 2), ir.CreateShl(ir.CreateAnd(thread, 1), 3));
      default:
        return ir.CreateLShr(thread, 2);
    }
  }

  Value* ThreadColumn() {
    auto& ir = f_.ir();
    Value* thread = f_.Tq(Intrinsic::kLaneid);
    const auto scaled = [&](Value* column, uint32_t factor) {
      return ir.CreateMul(column, ir.getInt32(factor * Scale()));
    };
    switch (shape_) {
      case Suffix::k32x32b:
        return ir.getInt32(0);
      case Suffix::k16x32bx2:
        return ir.CreateMul(ir.CreateLShr(thread, 4), ir.getInt32(split_));
      case Suffix::k16x64b:
        return scaled(ir.CreateAnd(ir.CreateLShr(thread, 1), 1), 1);
      case Suffix::k16x128b:
        return scaled(ir.CreateAnd(thread, 3), 1);
      default:
        return scaled(ir.CreateAnd(thread, 3), 2);
    }
  }

  // Of register `index`, or one half of it.
  Value* Place(uint32_t index, uint32_t half) {
    auto& ir = f_.ir();
    const uint32_t group = index / fragment_.registers, within = index % fragment_.registers;
    const uint32_t lane = (within & fragment_.eighth) != 0 ? 8 : 0;
    // What is left of the number counts columns side by side: one bit, of 16x256b alone.
    const uint32_t side = fragment_.registers == 4 ? within & 1 : 0;
    const uint32_t column = (group * fragment_.width + side) * Scale() + half;
    Value* word = ir.CreateAdd(ir.CreateMul(column_, ir.getInt32(TQ_CPU_TENSOR_LANES)), lane_);
    word = ir.CreateAdd(word, ir.getInt32(column * TQ_CPU_TENSOR_LANES + lane));
    return ir.CreatePtrAdd(memory_,
                           ir.CreateMul(ir.CreateZExt(word, ir.getInt64Ty()), ir.getInt64(kWordBytes)));
  }

  FunctionLowering& f_;
  const Suffix shape_;
  Fragment fragment_;
  bool is_packed_ = false;
  uint32_t split_ = 0;
  Value *memory_, *lane_, *column_;
};

size_t RegistersOf(const ptx::Instruction& inst, size_t operand) {
  const ptx::Form& form = ptx::GetForm(inst.form);
  return ptx::VectorSize(form, form.operands[operand], inst.suffixes);
}

std::vector<Value*> LoadFragment(FunctionLowering& f, const ptx::Instruction& inst) {
  const size_t registers = RegistersOf(inst, 0);
  TensorFragment fragment(f, inst, registers);
  std::vector<Value*> words;
  for (uint32_t i = 0; i < registers; ++i) words.push_back(fragment.Load(i));
  f.WriteVector(inst.operands[0], words, Type::kB32);
  return words;
}

}  // namespace

// Columns that others hold are waited for.
void LowerTensorAllocate(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  Value* columns = AllocationColumns(f, inst);
  Value* memory = OwnTensorMemory(f);
  const Space space = MemorySpace(inst, 0);
  Access access;
  access.align_bytes = kWordBytes;
  Value* result = f.PointerFromAddress(f.ToGeneric(f.Address(inst.operands[0], space), space),
                                       Space::kGeneric, kWordBytes);
  ByFirstLane(f, [&] {
    llvm::BasicBlock* retry = f.NewBlock("allocate");
    llvm::BasicBlock* wait = f.NewBlock("wait");
    llvm::BasicBlock* done = f.NewBlock("allocated");
    ir.CreateBr(retry);
    ir.SetInsertPoint(retry);
    Value* address = f.DevicelibWithMemory("tq_tensor_allocate", ir.getInt32Ty(), {memory, columns});
    ir.CreateCondBr(ir.CreateICmpEQ(address, ir.getInt32(~0u)), wait, done);
    ir.SetInsertPoint(wait);
    f.Tq(Intrinsic::kYield, {ir.getInt32(0)});
    ir.CreateBr(retry);
    ir.SetInsertPoint(done);
    f.Store(result, address, access);
  });
}

void LowerTensorFree(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* address = f.Read(inst.operands[0], Type::kB32);
  Value* columns = AllocationColumns(f, inst);
  Value* memory = OwnTensorMemory(f);
  ByFirstLane(f, [&] {
    FaultOn(f, f.DevicelibWithMemory("tq_tensor_free", f.ir().getInt32Ty(), {memory, address, columns}));
  });
}

void LowerTensorMemoryLoad(FunctionLowering& f, const ptx::Instruction& inst) { LoadFragment(f, inst); }

// redval: over the registers of each thread.
void LowerTensorMemoryReduce(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const Type type = inst.GetType(Slot::kType);
  const bool is_max = inst.Get(Slot::kOp) == Suffix::kMax;
  llvm::Intrinsic::ID reduction = is_max ? llvm::Intrinsic::umax : llvm::Intrinsic::umin;
  if (type == Type::kS32) reduction = is_max ? llvm::Intrinsic::smax : llvm::Intrinsic::smin;
  std::string function = is_max ? "tq_max" : "tq_min";
  if (inst.Has(Slot::kNaN)) function += "_NaN";
  function += "_f32";
  Value* result = nullptr;
  for (Value* word : LoadFragment(f, inst)) {
    if (inst.Has(Slot::kAbs)) word = ir.CreateAnd(word, 0x7fffffff);
    Value* value = f.FromBits(word, type);
    if (result == nullptr) {
      result = value;
    } else if (type == Type::kF32) {
      result = f.Devicelib(function, ir.getFloatTy(), {result, value});
    } else {
      result = ir.CreateBinaryIntrinsic(reduction, result, value);
    }
  }
  f.Write(inst.operands[1], result, type);
}

void LowerTensorMemoryStore(FunctionLowering& f, const ptx::Instruction& inst) {
  const size_t source = IndexOf(inst, "v");
  const std::vector<Value*> words = f.ReadVector(inst.operands[source], Type::kB32);
  TensorFragment fragment(f, inst, words.size());
  for (uint32_t i = 0; i < words.size(); ++i) fragment.Store(i, words[i]);
}

// What the lanes of the warp have stored or read is so for all of them.
void LowerTensorWait(FunctionLowering& f, const ptx::Instruction&) {
  f.Tq(Intrinsic::kWarpsync, {f.ir().getInt32(kFullWarp)});
}

void LowerTensorCopy(FunctionLowering& f, const ptx::Instruction& inst) {
  struct Shape {
    Suffix shape, multicast;
    uint32_t number;
  };
  static constexpr Shape kShapes[] = {
      {Suffix::k128x256b, Suffix::kNone, TQ_TENSOR_COPY_128X256B},
      {Suffix::k4x256b, Suffix::kNone, TQ_TENSOR_COPY_4X256B},
      {Suffix::k128x128b, Suffix::kNone, TQ_TENSOR_COPY_128X128B},
      {Suffix::k64x128b, Suffix::kWarpx2_02_13, TQ_TENSOR_COPY_64X128B_02_13},
      {Suffix::k64x128b, Suffix::kWarpx2_01_23, TQ_TENSOR_COPY_64X128B_01_23},
      {Suffix::k32x128b, Suffix::kWarpx4, TQ_TENSOR_COPY_32X128B},
  };
  auto& ir = f.ir();
  uint32_t shape = 0;
  for (const Shape& row : kShapes) {
    if (row.shape == inst.Get(Slot::kShape) && row.multicast == inst.Get(Slot::kMulticast))
      shape = row.number;
  }
  const Suffix from = inst.Get(Slot::kFormat);
  const uint32_t format = from == Suffix::kB6x16P32   ? TQ_TENSOR_COPY_B6X16
                          : from == Suffix::kB4x16P64 ? TQ_TENSOR_COPY_B4X16
                                                      : TQ_TENSOR_COPY_PLAIN;
  Value* address = TensorAddress(f, inst, "a");
  Value* descriptor = f.Read(inst.operands[1], Type::kB64);
  // Each block of a pair has its own part in its own shared memory.
  for (Value* rank : Blocks(f, inst)) {
    FaultOn(f, f.DevicelibWithMemory("tq_tensor_copy", ir.getInt32Ty(),
                                     {TensorMemory(f, rank), SharedMemory(f, inst, rank), descriptor, address,
                                      ir.getInt32(shape), ir.getInt32(format)}));
  }
}

void LowerTensorShift(FunctionLowering& f, const ptx::Instruction& inst) {
  Value* address = TensorAddress(f, inst, "a");
  for (Value* rank : Blocks(f, inst))
    FaultOn(f,
            f.DevicelibWithMemory("tq_tensor_shift", f.ir().getInt32Ty(), {TensorMemory(f, rank), address}));
}

// What was issued before has completed: the arrival happens at once.
void LowerTensorCommit(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  Value* barrier = MbarrierPointer(f, inst, 0);
  const auto arrive = [&](Value* distance) {
    f.DevicelibWithMemory("tq_mbarrier_arrive", ir.getInt64Ty(),
                          {ir.CreatePtrAdd(barrier, distance), ir.getInt32(1)});
  };
  const size_t blocks = IndexOf(inst, "ctaMask");
  if (!IsGiven(inst, blocks)) return arrive(ir.getInt64(0));
  Value* mask = ir.CreateZExt(f.Read(inst.operands[blocks], Type::kB16), ir.getInt32Ty());
  ForEachBlock(f, mask, ir.CreatePtrToInt(barrier, ir.getInt64Ty()), arrive);
}

namespace {

struct Kind {
  Suffix suffix;
  tq_tensor_kind kind;
};
constexpr Kind kKinds[] = {
    {Suffix::kKindF16, TQ_TENSOR_F16},           {Suffix::kKindTf32, TQ_TENSOR_TF32},
    {Suffix::kKindF8f6f4, TQ_TENSOR_F8F6F4},     {Suffix::kKindI8, TQ_TENSOR_I8},
    {Suffix::kKindMxf8f6f4, TQ_TENSOR_MXF8F6F4}, {Suffix::kKindMxf4, TQ_TENSOR_MXF4},
    {Suffix::kKindMxf4nvf4, TQ_TENSOR_MXF4},
};

tq_tensor_kind KindOf(const ptx::Instruction& inst) {
  for (const Kind& row : kKinds) {
    if (row.suffix == inst.Get(Slot::kKind)) return row.kind;
  }
  return TQ_TENSOR_F16;
}

// Scales of a row (PTX ISA, "Valid combinations of scale_vectorsize with types and MMA-Kind").
uint32_t ScalesOf(const ptx::Instruction& inst, tq_tensor_kind kind) {
  if (kind != TQ_TENSOR_MXF8F6F4 && kind != TQ_TENSOR_MXF4) return 0;
  const Suffix scale = inst.Get(Slot::kScale);
  if (scale == Suffix::kScaleVec_4X || scale == Suffix::kBlock16) return 4;
  return kind == TQ_TENSOR_MXF4 ? 2 : 1;
}

}  // namespace

void LowerTensorMultiply(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const tq_tensor_kind kind = KindOf(inst);
  const size_t a = IndexOf(inst, "a"), scale = IndexOf(inst, "scale"), zeroes = IndexOf(inst, "zeroMask");
  const bool a_in_tensor = inst.operands[a].kind == Operand::Kind::kMemory;
  std::array<Value*, TQ_TENSOR_OPERANDS> operands;
  operands.fill(ir.getInt64(0));
  const auto set = [&](uint32_t index, Value* value) {
    operands[index] = value->getType()->isPointerTy() ? ir.CreatePtrToInt(value, ir.getInt64Ty())
                                                      : ir.CreateZExt(value, ir.getInt64Ty());
  };
  uint32_t block = 0;
  for (Value* rank : Blocks(f, inst)) {
    set(TQ_TENSOR_MEMORY_0 + block, TensorMemory(f, rank));
    set(TQ_TENSOR_SHARED_0 + block, SharedMemory(f, inst, rank));
    ++block;
  }
  set(TQ_TENSOR_D, TensorAddress(f, inst, "d"));
  set(TQ_TENSOR_A, a_in_tensor ? TensorAddress(f, inst, "a") : f.Read(inst.operands[a], Type::kB64));
  set(TQ_TENSOR_B, f.Read(inst.operands[IndexOf(inst, "b")], Type::kB64));
  set(TQ_TENSOR_IDESC, f.Read(inst.operands[IndexOf(inst, "idesc")], Type::kB32));
  set(TQ_TENSOR_ENABLE, f.Read(inst.operands[IndexOf(inst, "enable")], Type::kPred));
  const bool is_sparse = IsGiven(inst, IndexOf(inst, "meta"));
  if (is_sparse) set(TQ_TENSOR_META, TensorAddress(f, inst, "meta"));
  const uint32_t scales = ScalesOf(inst, kind);
  if (scales != 0) {
    set(TQ_TENSOR_SCALE_A, TensorAddress(f, inst, "scaleA"));
    set(TQ_TENSOR_SCALE_B, TensorAddress(f, inst, "scaleB"));
  }
  if (IsGiven(inst, zeroes)) set(TQ_TENSOR_ZERO_MASK, f.Read(inst.operands[zeroes], Type::kB64));
  if (const size_t mask = IndexOf(inst, "mask"); IsGiven(inst, mask)) {
    const std::vector<Value*> words = f.ReadVector(inst.operands[mask], Type::kB32);
    for (uint32_t i = 0; i < words.size(); ++i) {
      Value* bits = ir.CreateShl(ir.CreateZExt(words[i], ir.getInt64Ty()), i % 2 * 32);
      operands[TQ_TENSOR_KEEP + i / 2] = ir.CreateOr(operands[TQ_TENSOR_KEEP + i / 2], bits);
    }
  }
  uint32_t flags = uint32_t{kind} << TQ_TENSOR_KIND | uint32_t{a_in_tensor} << TQ_TENSOR_A_IN_TENSOR |
                   uint32_t{IsPair(inst)} << TQ_TENSOR_PAIR | uint32_t{is_sparse} << TQ_TENSOR_SPARSE |
                   uint32_t{IndexOf(inst, "zeroMask") < ptx::GetForm(inst.form).operands.size()}
                       << TQ_TENSOR_STATIONARY |
                   uint32_t{inst.Has(Slot::kAshift)} << TQ_TENSOR_SHIFTED | scales << TQ_TENSOR_SCALES |
                   uint32_t{IsGiven(inst, zeroes)} << TQ_TENSOR_ZEROES;
  if (IsGiven(inst, scale)) flags |= (inst.operands[scale].bits & 15) << TQ_TENSOR_SCALE_D;

  llvm::BasicBlock& entry = ir.GetInsertBlock()->getParent()->getEntryBlock();
  llvm::IRBuilder<> at_entry(&entry, entry.begin());
  Value* row = at_entry.CreateAlloca(llvm::ArrayType::get(ir.getInt64Ty(), TQ_TENSOR_OPERANDS));
  for (uint32_t i = 0; i < TQ_TENSOR_OPERANDS; ++i)
    ir.CreateStore(operands[i], ir.CreateConstInBoundsGEP1_64(ir.getInt64Ty(), row, i));
  FaultOn(f, f.DevicelibWithMemory(
                 kind == TQ_TENSOR_I8 ? "tq_tensor_multiply_integer" : "tq_tensor_multiply_float",
                 ir.getInt32Ty(), {row, ir.getInt32(flags)}));
}

}  // namespace tq::lower
