// PTX ISA, "Surface Instructions". The device library turns coordinates into an address, or 0 outside of the
// surface; loads, stores and reductions are those of memory.
#include "base/cpu_abi.h"
#include "base/texture_abi.h"
#include "compiler/devicelib/modes.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/texture.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Operand;
using ptx::Slot;
using ptx::Suffix;
using ptx::Type;

uint32_t ClampOf(const ptx::Instruction& inst) {
  switch (inst.Get(Slot::kClamp)) {
    case Suffix::kClamp:
      return TQ_SURFACE_CLAMP;
    case Suffix::kZero:
      return TQ_SURFACE_ZERO;
    default:
      return TQ_SURFACE_TRAP;
  }
}

struct Place {
  Value* handle;
  Value* address;  // 0: outside, which only .zero leaves to happen
};

// Of `size` bytes at [surface, {coordinates}], operand `index`.
Place PlaceOf(FunctionLowering& f, const ptx::Instruction& inst, size_t index, uint32_t size,
              bool is_scaled) {
  auto& ir = f.ir();
  const Operand& tensor = inst.operands[index];
  Value* const handle = ReadHandle(f, f.Read(tensor.elements[0], Type::kB64), 1u << TQ_TEXTURE_SURFACE);
  std::vector<Value*> coordinates = f.ReadVector(tensor.elements.back(), Type::kS32);
  const Suffix geometry = inst.Get(Slot::kGeom);
  const bool is_layered = geometry == Suffix::kA1d || geometry == Suffix::kA2d;
  const bool is_plane = geometry == Suffix::k2d || geometry == Suffix::kA2d;
  const size_t axes = geometry == Suffix::k3d ? 3 : is_plane ? 2 : 1;
  coordinates.resize(std::max<size_t>(coordinates.size(), 4), ir.getInt32(0));
  Value* at[3] = {ir.getInt32(0), ir.getInt32(0), ir.getInt32(0)};
  for (size_t i = 0; i < axes; ++i) at[i] = coordinates[i + (is_layered ? 1 : 0)];
  if (is_layered) at[2] = coordinates[0];
  if (!is_scaled && size > 1) {
    Value* const low = ir.CreateAnd(at[0], ir.getInt32(size - 1));
    f.FaultIf(ir.CreateICmpNE(low, ir.getInt32(0)), TQ_CPU_FAULT_MISALIGNED_ADDRESS,
              ir.CreateZExt(at[0], ir.getInt64Ty()));
  }
  const uint32_t clamp = ClampOf(inst);
  Value* const address = f.DevicelibWithMemory(
      "tq_surface_address", ir.getInt64Ty(),
      {handle, at[0], at[1], at[2], ir.getInt32(size), ir.getInt32(is_scaled ? 1 : 0), ir.getInt32(clamp)});
  if (clamp != TQ_SURFACE_ZERO) {
    f.FaultIf(ir.CreateICmpEQ(address, ir.getInt64(0)), TQ_CPU_FAULT_ILLEGAL_ADDRESS, handle);
  }
  return {handle, address};
}

template <typename Then>
void IfInside(FunctionLowering& f, const ptx::Instruction& inst, const Place& place, Then then) {
  if (ClampOf(inst) != TQ_SURFACE_ZERO) return then();
  f.If(f.ir().CreateICmpNE(place.address, f.ir().getInt64(0)), then);
}

uint32_t CountOf(const ptx::Instruction& inst) {
  const Suffix vec = inst.Get(Slot::kVec);
  return vec == Suffix::kV2 ? 2 : vec == Suffix::kV4 ? 4 : 1;
}

Value* ElementPointer(FunctionLowering& f, Value* address, uint64_t offset_bytes) {
  Value* const element = f.ir().CreateAdd(address, f.ir().getInt64(offset_bytes));
  return f.ir().CreateIntToPtr(element, f.ir().getPtrTy());
}

struct Reduction {
  Suffix suffix;
  llvm::AtomicRMWInst::BinOp on_unsigned, on_signed;
};
constexpr Reduction kReductions[] = {
    {Suffix::kAdd, llvm::AtomicRMWInst::Add, llvm::AtomicRMWInst::Add},
    {Suffix::kMin, llvm::AtomicRMWInst::UMin, llvm::AtomicRMWInst::Min},
    {Suffix::kMax, llvm::AtomicRMWInst::UMax, llvm::AtomicRMWInst::Max},
    {Suffix::kAnd, llvm::AtomicRMWInst::And, llvm::AtomicRMWInst::And},
    {Suffix::kOr, llvm::AtomicRMWInst::Or, llvm::AtomicRMWInst::Or},
};

const Reduction& ReductionOf(Suffix suffix) {
  for (const Reduction& reduction : kReductions) {
    if (reduction.suffix == suffix) return reduction;
  }
  return kReductions[0];
}

}  // namespace

void LowerSurfaceLoad(FunctionLowering& f, const ptx::Instruction& inst) {
  const Type type = inst.GetType(Slot::kDtype);
  const uint32_t count = CountOf(inst), bytes = ptx::SizeBytes(type);
  const Place place = PlaceOf(f, inst, 1, count * bytes, /*is_scaled=*/false);
  if (ClampOf(inst) == TQ_SURFACE_ZERO) {
    const std::vector<Value*> zeros(count, llvm::ConstantInt::get(f.BitsOf(type), 0));
    f.WriteVector(inst.operands[0], zeros, type);
  }
  IfInside(f, inst, place, [&] {
    std::vector<Value*> values;
    for (uint32_t i = 0; i < count; ++i) {
      values.push_back(
          f.Load(ElementPointer(f, place.address, uint64_t{i} * bytes), f.BitsOf(type), {.align_bytes = 1}));
    }
    f.WriteVector(inst.operands[0], values, type);
  });
}

void LowerSurfaceStore(FunctionLowering& f, const ptx::Instruction& inst) {
  const Type type = inst.GetType(Slot::kCtype);
  const uint32_t count = CountOf(inst), bytes = ptx::SizeBytes(type);
  const Place place = PlaceOf(f, inst, 0, count * bytes, /*is_scaled=*/false);
  const std::vector<Value*> values = f.ReadVector(inst.operands[1], type);
  IfInside(f, inst, place, [&] {
    for (uint32_t i = 0; i < count && i < values.size(); ++i) {
      f.Store(ElementPointer(f, place.address, uint64_t{i} * bytes), values[i], {.align_bytes = 1});
    }
  });
}

// sust.p: what the surface has and the instruction does not give is 0.
void LowerSurfaceStoreFormatted(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const Place place = PlaceOf(f, inst, 0, 1, /*is_scaled=*/true);
  std::vector<Value*> values;
  for (Value* value : f.ReadVector(inst.operands[1], inst.GetType(Slot::kCtype))) {
    values.push_back(f.ToBits(value));
  }
  values.resize(4, ir.getInt32(0));
  IfInside(f, inst, place, [&] {
    f.DevicelibWithMemory("tq_surface_store", ir.getVoidTy(),
                          {place.handle, place.address, values[0], values[1], values[2], values[3]});
  });
}

// sured.b knows its type; sured.p takes the surface's word for signed or unsigned.
void LowerSurfaceReduce(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const Type type = inst.GetType(Slot::kCtype);
  const uint32_t bytes = ptx::SizeBytes(type);
  const bool is_scaled = inst.Get(Slot::kKind) == Suffix::kP;
  const Place place = PlaceOf(f, inst, 0, bytes, is_scaled);
  Value* const value = f.Read(inst.operands[1], type);
  const Reduction& reduction = ReductionOf(inst.Get(Slot::kOp));
  const auto reduce = [&](llvm::AtomicRMWInst::BinOp operation) {
    ir.CreateAtomicRMW(operation, ElementPointer(f, place.address, 0), value, llvm::MaybeAlign(bytes),
                       llvm::AtomicOrdering::Monotonic, f.Scope(simt::kSystemScope));
  };
  IfInside(f, inst, place, [&] {
    if (!is_scaled || reduction.on_signed == reduction.on_unsigned) {
      reduce(ptx::IsSigned(type) ? reduction.on_signed : reduction.on_unsigned);
      return;
    }
    Value* const is_signed = ir.CreateICmpNE(
        f.DevicelibWithMemory("tq_surface_is_signed", ir.getInt32Ty(), {place.handle}), ir.getInt32(0));
    f.If(is_signed, [&] { reduce(reduction.on_signed); });
    f.If(ir.CreateNot(is_signed), [&] { reduce(reduction.on_unsigned); });
  });
}

}  // namespace tq::lower
