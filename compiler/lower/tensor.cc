// PTX ISA, "Data Movement and Conversion Instructions: Tensor copy" and tensormap. A copy is done where it is
// issued, like every asynchronous one (async_copy.cc).
#include "compiler/devicelib/modes.h"
#include "compiler/lower/cluster_blocks.h"
#include "compiler/lower/float_modifiers.h"
#include "compiler/lower/mbarrier.h"
#include "compiler/lower/named_operand.h"
#include "compiler/lower/reduction.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Operand;
using ptx::Slot;
using ptx::Space;
using ptx::Suffix;
using ptx::Type;

constexpr uint64_t kSharedAlignBytes = 16, kMapAlignBytes = 64, kMapBytes = 128;
constexpr unsigned kMostCoordinates = 8;
constexpr uint32_t kWidePixels = 128, kWideHaloEvery = 32;  // of .im2col::w::128

Value* HostPointer(FunctionLowering& f, const ptx::Instruction& inst, size_t index, uint64_t align_bytes) {
  const Space space = MemorySpace(inst, index);
  Value* address = f.ToGeneric(f.Address(inst.operands[index], space), space);
  return f.PointerFromAddress(address, Space::kGeneric, align_bytes);
}

// Values in a row of 32-bit integers for a devicelib function.
Value* InMemory(FunctionLowering& f, const std::vector<Value*>& values) {
  auto& ir = f.ir();
  llvm::BasicBlock& entry = ir.GetInsertBlock()->getParent()->getEntryBlock();
  llvm::IRBuilder<> at_entry(&entry, entry.begin());
  Value* row = at_entry.CreateAlloca(llvm::ArrayType::get(ir.getInt32Ty(), kMostCoordinates));
  for (size_t i = 0; i < kMostCoordinates; ++i) {
    Value* value = i < values.size() ? values[i] : ir.getInt32(0);
    ir.CreateStore(value, ir.CreateConstInBoundsGEP1_64(ir.getInt32Ty(), row, i));
  }
  return row;
}

// `[map, {coordinates}]`.
struct Tensor {
  Tensor(FunctionLowering& f, const ptx::Instruction& inst, size_t index) {
    const Operand& operand = inst.operands[index];
    const Operand& base = operand.elements[0];
    Value* address =
        base.kind == Operand::Kind::kMemory ? f.Address(base, Space::kGeneric) : f.Read(base, Type::kB64);
    map = f.PointerFromAddress(address, Space::kGeneric, kMapAlignBytes);
    std::vector<Value*> coordinates;
    if (operand.elements.size() > 1) coordinates = f.ReadVector(operand.elements[1], Type::kS32);
    count = coordinates.size();
    corner = InMemory(f, coordinates);
  }
  Value* map;
  Value* corner;
  size_t count;
};

// What the form's <dim> says, one more where four rows are named.
bool HasAllCoordinates(FunctionLowering& f, const ptx::Instruction& inst, const Tensor& tensor) {
  const auto rank = static_cast<size_t>(ptx::Spelling(inst.Get(Slot::kDim))[0] - '0');
  const bool has_rows =
      inst.Get(Slot::kLoad) == Suffix::kTileGather4 || inst.Get(Slot::kLoad) == Suffix::kTileScatter4;
  const size_t wanted = has_rows ? 5 : rank;
  if (tensor.count >= wanted) return true;  // more are ignored: ptxas takes {c0, c1, 0, 0}
  f.Invalid(inst, "has too few coordinates.");
  return false;
}

Value* Copy(FunctionLowering& f, const ptx::Instruction& inst, Value* shared, const Tensor& tensor,
            Value* offsets, uint32_t direction, uint32_t op) {
  auto& ir = f.ir();
  Value* way = ir.getInt32(direction);
  switch (inst.Get(Slot::kLoad)) {
    case Suffix::kTileGather4:
    case Suffix::kTileScatter4:
      return f.DevicelibWithMemory("tq_tensor_rows", ir.getInt32Ty(),
                                   {shared, tensor.map, tensor.corner, way});
    case Suffix::kIm2colW:
      return f.DevicelibWithMemory(
          "tq_tensor_line", ir.getInt32Ty(),
          {shared, tensor.map, tensor.corner, offsets, ir.getInt32(0), ir.getInt32(0)});
    case Suffix::kIm2colW_128:
      return f.DevicelibWithMemory("tq_tensor_line", ir.getInt32Ty(),
                                   {shared, tensor.map, tensor.corner, offsets, ir.getInt32(kWidePixels),
                                    ir.getInt32(kWideHaloEvery)});
    case Suffix::kIm2col:
    case Suffix::kIm2colNoOffs:
      return f.DevicelibWithMemory("tq_tensor_columns", ir.getInt32Ty(),
                                   {shared, tensor.map, tensor.corner, offsets, way, ir.getInt32(op)});
    default:
      return f.DevicelibWithMemory("tq_tensor_tile", ir.getInt32Ty(),
                                   {shared, tensor.map, tensor.corner, way, ir.getInt32(op)});
  }
}

Value* NoOffsets(FunctionLowering& f) { return llvm::ConstantPointerNull::get(f.ir().getPtrTy()); }

}  // namespace

void LowerTensorLoad(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  Value* shared = HostPointer(f, inst, 0, kSharedAlignBytes);
  const Tensor tensor(f, inst, 1);
  if (!HasAllCoordinates(f, inst, tensor)) return;
  Value* barrier = MbarrierPointer(f, inst, 2);
  Value* offsets = NoOffsets(f);
  if (const size_t info = IndexOf(inst, "info"); IsGiven(inst, info)) {
    std::vector<Value*> values;
    for (Value* value : f.ReadVector(inst.operands[info], Type::kU16)) {
      values.push_back(ir.CreateZExt(value, ir.getInt32Ty()));
    }
    offsets = InMemory(f, values);
  }
  const auto load = [&](Value* distance) {
    Value* bytes = Copy(f, inst, ir.CreatePtrAdd(shared, distance), tensor, offsets, TQ_TENSOR_LOAD, TQ_ADD);
    f.DevicelibWithMemory("tq_mbarrier_complete_tx", ir.getVoidTy(),
                          {ir.CreatePtrAdd(barrier, distance), bytes});
  };
  const size_t blocks = IndexOf(inst, "ctaMask");
  if (!IsGiven(inst, blocks)) {
    load(ir.getInt64(0));
    return;
  }
  Value* mask = ir.CreateZExt(f.Read(inst.operands[blocks], Type::kB16), ir.getInt32Ty());
  ForEachBlock(f, mask, ir.CreatePtrToInt(shared, ir.getInt64Ty()), load);
}

void LowerTensorStore(FunctionLowering& f, const ptx::Instruction& inst) {
  const Tensor tensor(f, inst, 0);
  if (!HasAllCoordinates(f, inst, tensor)) return;
  Value* shared = HostPointer(f, inst, 1, kSharedAlignBytes);
  const bool reduces = inst.Has(Slot::kOp);
  Copy(f, inst, shared, tensor, NoOffsets(f), reduces ? TQ_TENSOR_REDUCE : TQ_TENSOR_STORE,
       reduces ? ReductionOf(inst) : uint32_t{TQ_ADD});
}

namespace {

struct Field {
  Suffix suffix;
  uint32_t field;
};
constexpr Field kFields[] = {
    {Suffix::kGlobalAddress, TQ_TENSOR_GLOBAL_ADDRESS},
    {Suffix::kRank, TQ_TENSOR_RANK},
    {Suffix::kBoxDim, TQ_TENSOR_BOX_DIM},
    {Suffix::kGlobalDim, TQ_TENSOR_GLOBAL_DIM},
    {Suffix::kGlobalStride, TQ_TENSOR_GLOBAL_STRIDE},
    {Suffix::kElementStride, TQ_TENSOR_ELEMENT_STRIDE},
    {Suffix::kElemtype, TQ_TENSOR_ELEMTYPE},
    {Suffix::kInterleaveLayout, TQ_TENSOR_INTERLEAVE_LAYOUT},
    {Suffix::kSwizzleMode, TQ_TENSOR_SWIZZLE_MODE},
    {Suffix::kFillMode, TQ_TENSOR_FILL_MODE},
    {Suffix::kSwizzleAtomicity, TQ_TENSOR_SWIZZLE_ATOMICITY},
};

}  // namespace

void LowerTensorMapReplace(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  uint32_t field = 0;
  for (const Field& row : kFields) {
    if (row.suffix == inst.Get(Slot::kField)) field = row.field;
  }
  const bool has_index = inst.operands.size() > 2;
  Value* index = ir.getInt32(has_index ? static_cast<uint32_t>(inst.operands[1].bits) : 0);
  Value* value = f.Read(inst.operands.back(), inst.GetType(Slot::kType));
  f.DevicelibWithMemory("tq_tensormap_replace", ir.getVoidTy(),
                        {HostPointer(f, inst, 0, kMapAlignBytes), ir.getInt32(field), index,
                         ir.CreateZExt(value, ir.getInt64Ty())});
}

// Every lane of the warp copies the same bytes.
void LowerTensorMapCopy(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const uint64_t size_bytes = inst.operands[2].bits;
  if (size_bytes > kMapBytes || size_bytes % kSharedAlignBytes != 0) {
    f.Invalid(inst, "copies the 128 bytes of a tensor map.");
    return;
  }
  Value* destination = HostPointer(f, inst, 0, kMapAlignBytes);
  Value* source = HostPointer(f, inst, 1, kMapAlignBytes);
  f.DevicelibWithMemory("tq_cp_async_bulk", ir.getVoidTy(),
                        {destination, source, ir.getInt32(static_cast<uint32_t>(size_bytes))});
  ir.CreateFence(llvm::AtomicOrdering::Release);
}

}  // namespace tq::lower
